/**
 * Users, their passwords and sessions, and the audit of what they did. Credentials enter, a session leaves; sessions are
 * held in memory so that they outlive the database. Start with {@link dev.tocsin.cloud.login.LoginRoutes}.
 */
@NullMarked
package dev.tocsin.cloud.login;

import org.jspecify.annotations.NullMarked;
