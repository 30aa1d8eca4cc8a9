/**
 * What a site changes of the profiles' rules. Rule sets enter, as text; the profile with the rules that hold for one
 * device leaves. Start with {@link dev.tocsin.profiles.site.EffectiveRules}.
 */
@NullMarked
package dev.tocsin.profiles.site;

import org.jspecify.annotations.NullMarked;
