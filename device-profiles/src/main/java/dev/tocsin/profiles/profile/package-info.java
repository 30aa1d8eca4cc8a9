/**
 * What a device is: YAML enters, profiles leave, or all that is wrong with the file. Start with
 * {@link dev.tocsin.profiles.profile.Profile}.
 */
@NullMarked
package dev.tocsin.profiles.profile;

import org.jspecify.annotations.NullMarked;
