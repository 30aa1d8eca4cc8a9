package dev.tocsin.standalone.broker.access;

import dev.tocsin.profiles.wire.PasswordHash;
import dev.tocsin.profiles.wire.Topics;
import java.util.List;
import java.util.Locale;

/**
 * A line of the users file: {@code name role hash [topic filter...]}.
 *
 * @param name also the gateway or the device that the user is
 * @param ownTopics topic filters a sensor may publish, when they differ from what its name implies
 */
record User(String name, Role role, PasswordHash hash, List<String> ownTopics) {
    User {
        if (!Topics.ID.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is no user name: " + Topics.ID.pattern());
        }
        ownTopics = List.copyOf(ownTopics);
    }

    static User parse(String line) {
        String[] words = line.trim().split("\\s+");
        if (words.length < 3) {
            throw new IllegalArgumentException("a user needs a name, a role and a password hash");
        }
        Role role = Role.valueOf(words[1].toUpperCase(Locale.ROOT));
        return new User(
                words[0], role, PasswordHash.parse(words[2]), List.of(words).subList(3, words.length));
    }

    Grants grants() {
        return role.grantsOf(name, ownTopics);
    }

    @Override
    public String toString() {
        String head = name + " " + role.name().toLowerCase(Locale.ROOT) + " " + hash;
        return ownTopics.isEmpty() ? head : head + " " + String.join(" ", ownTopics);
    }
}
