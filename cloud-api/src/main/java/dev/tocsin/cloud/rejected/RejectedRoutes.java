package dev.tocsin.cloud.rejected;

import dev.tocsin.cloud.database.Cursor;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The list of rejected input, newest first. */
public final class RejectedRoutes {
    private final Database database;

    record RejectedView(
            String id,
            String gateway,
            String source,
            @Nullable String device,
            String reason,
            String detail,
            byte[] raw,
            Instant receivedAt) {}

    record RejectedPage(
            List<RejectedView> rejected, @Nullable String next) {}

    public RejectedRoutes(Database database) {
        this.database = database;
    }

    public void addTo(Routes routes) {
        routes.blocking("listRejected", this::list);
    }

    private RejectedPage list(Call call) {
        int limit = call.query("limit", 100);
        String before = call.query("before");
        Cursor cursor = before == null ? null : Cursor.parse(before, "before");
        List<RejectedView> rows = database.read(handle -> {
            Query query = handle.createQuery("select * from sensing.rejected"
                            + (cursor == null ? "" : " where (received_at, id) < (:at, :id)")
                            + " order by received_at desc, id desc limit :limit")
                    .bind("limit", limit);
            if (cursor != null) {
                query.bind("at", cursor.at().atOffset(ZoneOffset.UTC)).bind("id", cursor.id());
            }
            return query.map((row, context) -> new RejectedView(
                            row.getString("id"),
                            row.getString("gateway"),
                            row.getString("source"),
                            row.getString("device"),
                            row.getString("reason"),
                            row.getString("detail"),
                            row.getBytes("raw"),
                            row.getObject("received_at", OffsetDateTime.class).toInstant()))
                    .list();
        });
        RejectedView last = rows.size() < limit ? null : rows.get(rows.size() - 1);
        return new RejectedPage(rows, last == null ? null : new Cursor(last.receivedAt(), last.id()).toText());
    }
}
