/**
 * What the site changes of the profiles' rules. An administrator's text enters; checked, kept with everything that was
 * before it, and published as retained desired state it leaves. Start with {@link dev.tocsin.cloud.rules.RuleBook}.
 */
@NullMarked
package dev.tocsin.cloud.rules;

import org.jspecify.annotations.NullMarked;
