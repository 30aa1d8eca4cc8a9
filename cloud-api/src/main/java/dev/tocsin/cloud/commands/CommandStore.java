package dev.tocsin.cloud.commands;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.cloud.http.Json;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.profile.LocalText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Table {@code ops.command}. */
final class CommandStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final String LISTED = "select id, gateway, device, kind, arguments, issued, deadline, user_name,"
            + " display_name, state, text_en, text_zh, null as data, replied_at from ops.command where ";

    private CommandStore() {}

    static void insert(Handle handle, StoredCommand command) {
        handle.createUpdate(
                        "insert into ops.command (id, gateway, device, kind, arguments, issued, deadline, user_name,"
                                + " display_name, state) values (:id, :gateway, :device, :kind, cast(:arguments as jsonb),"
                                + " :issued, :deadline, :user, :displayName, :state)")
                .bind("id", command.id())
                .bind("gateway", command.gateway())
                .bind("device", command.device())
                .bind("kind", command.kind().name())
                .bind("arguments", Json.write(command.arguments()))
                .bind("issued", command.issued().atOffset(ZoneOffset.UTC))
                .bind("deadline", command.deadline().atOffset(ZoneOffset.UTC))
                .bind("user", command.by())
                .bind("displayName", command.displayName())
                .bind("state", command.state().name())
                .execute();
    }

    /** What the gateway says counts, but for an acceptance that comes after the result, or a second result without data. */
    static void reply(Handle handle, String gateway, CommandReply reply) {
        LocalText text = reply.text();
        handle.createUpdate("update ops.command set state = :state, text_en = :en, text_zh = :zh,"
                        + " data = coalesce(cast(:data as jsonb), data), replied_at = :at"
                        + " where id = :id and gateway = :gateway"
                        + " and (state in ('WAITING', 'ACCEPTED') or (state = 'EXPIRED' and replied_at is null))"
                        + " and not (state = 'ACCEPTED' and :state = 'ACCEPTED')")
                .bind("id", reply.command())
                .bind("gateway", gateway)
                .bind("state", reply.result().name())
                .bind("en", text == null ? null : text.en())
                .bind("zh", text == null ? null : text.zh())
                .bind("data", reply.data().isEmpty() ? null : Json.write(reply.data()))
                .bind("at", reply.at().atOffset(ZoneOffset.UTC))
                .execute();
    }

    /** Gives up those that nobody answered until then. */
    static void expire(Handle handle, Instant before, LocalText why) {
        handle.createUpdate("update ops.command set state = 'EXPIRED', text_en = :en, text_zh = :zh"
                        + " where state = 'WAITING' and deadline < :before")
                .bind("en", why.en())
                .bind("zh", why.zh())
                .bind("before", before.atOffset(ZoneOffset.UTC))
                .execute();
    }

    /** Oldest first. */
    static List<StoredCommand> waiting(Handle handle, Instant now, int limit) {
        return handle.createQuery(LISTED + "state = 'WAITING' and deadline > :now order by issued, id limit :limit")
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("limit", limit)
                .map((row, context) -> command(row))
                .list();
    }

    static long waitingOf(Handle handle, String gateway) {
        return handle.createQuery("select count(*) from ops.command where state = 'WAITING' and gateway = :gateway")
                .bind("gateway", gateway)
                .mapTo(Long.class)
                .one();
    }

    /** Newest first. */
    static List<StoredCommand> ofGateway(Handle handle, String gateway, int limit) {
        return list(handle, "gateway", gateway, limit);
    }

    /** Newest first. */
    static List<StoredCommand> ofDevice(Handle handle, String device, int limit) {
        return list(handle, "device", device, limit);
    }

    private static List<StoredCommand> list(Handle handle, String column, String id, int limit) {
        return handle.createQuery(LISTED + column + " = :id order by issued desc, id limit :limit")
                .bind("id", id)
                .bind("limit", limit)
                .map((row, context) -> command(row))
                .list();
    }

    static Optional<StoredCommand> find(Handle handle, String id) {
        return handle.createQuery("select * from ops.command where id = :id")
                .bind("id", id)
                .map((row, context) -> command(row))
                .findOne();
    }

    private static StoredCommand command(ResultSet row) throws SQLException {
        String en = row.getString("text_en");
        String zh = row.getString("text_zh");
        OffsetDateTime repliedAt = row.getObject("replied_at", OffsetDateTime.class);
        Map<String, String> arguments = texts(row.getString("arguments"));
        return new StoredCommand(
                row.getString("id"),
                row.getString("gateway"),
                row.getString("device"),
                Command.Kind.valueOf(row.getString("kind")),
                arguments == null ? Map.of() : arguments,
                row.getObject("issued", OffsetDateTime.class).toInstant(),
                row.getObject("deadline", OffsetDateTime.class).toInstant(),
                row.getString("user_name"),
                row.getString("display_name"),
                StoredCommand.State.valueOf(row.getString("state")),
                en == null || zh == null ? null : new LocalText(en, zh),
                texts(row.getString("data")),
                repliedAt == null ? null : repliedAt.toInstant());
    }

    private static @Nullable Map<String, String> texts(@Nullable String json) {
        try {
            return json == null ? null : JSON.readValue(json, TEXTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("ops.command holds what was not written there: " + json, e);
        }
    }
}
