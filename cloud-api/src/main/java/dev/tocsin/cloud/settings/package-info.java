/**
 * The settings of each gateway: texts that administrators write enter, retained states and their versions leave. Start
 * with {@link dev.tocsin.cloud.settings.SettingsBook}.
 */
@NullMarked
package dev.tocsin.cloud.settings;

import org.jspecify.annotations.NullMarked;
