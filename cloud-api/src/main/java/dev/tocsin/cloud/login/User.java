package dev.tocsin.cloud.login;

import dev.tocsin.cloud.http.Role;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One row of {@code ops.app_user}, without the password. */
record User(
        String name,
        String displayName,
        Role role,
        String language,
        boolean active,
        @Nullable Instant lastLoginAt) {}
