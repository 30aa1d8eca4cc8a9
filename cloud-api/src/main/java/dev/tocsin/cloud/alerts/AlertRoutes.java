package dev.tocsin.cloud.alerts;

import dev.tocsin.cloud.alerts.AlertStore.Filter;
import dev.tocsin.cloud.alerts.AlertStore.Stored;
import dev.tocsin.cloud.database.Cursor;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.live.AlertNames;
import dev.tocsin.cloud.live.AlertView;
import dev.tocsin.cloud.live.LiveAlerts;
import dev.tocsin.profiles.alert.AlertState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lists alerts and shows one; what is open comes from memory, what is closed from the store. */
public final class AlertRoutes {
    private static final int DEFAULT_LIMIT = 100;

    private final Database database;
    private final LiveAlerts live;
    private final AlertNames names;
    private final Restoration restoration;

    record AlertPage(List<AlertView> alerts, @Nullable String next) {}

    record AlertDetail(AlertView alert, List<Acknowledgements.Event> history, boolean historyKnown) {}

    public AlertRoutes(Database database, LiveAlerts live, AlertNames names, Restoration restoration) {
        this.database = database;
        this.live = live;
        this.names = names;
        this.restoration = restoration;
    }

    public void addTo(Routes routes) {
        routes.blocking("listAlerts", this::list);
        routes.blocking("getAlert", this::one);
    }

    private AlertPage list(Call call) {
        String state = call.query("state", "active").toUpperCase(Locale.ROOT);
        String before = call.query("before");
        Filter filter = new Filter(
                state.equals("ALL") ? null : state,
                call.queryList("kind"),
                call.queryList("severity"),
                call.query("area"),
                call.query("device"),
                call.queryTime("since"),
                before == null ? null : Cursor.parse(before, "before"),
                call.query("limit", DEFAULT_LIMIT));
        boolean inMemory = state.equals(AlertState.ACTIVE.name()) && live.evicted() == 0;
        List<AlertView> views = inMemory ? active(filter) : fromStore(filter);
        AlertView last = views.size() < filter.limit() ? null : views.get(views.size() - 1);
        return new AlertPage(
                views,
                last == null
                        ? null
                        : new Cursor(last.alert().onset(), last.alert().id()).toText());
    }

    /** Until what was open before the start is known, the store knows more; while it is away, memory has to do. */
    private List<AlertView> active(Filter filter) {
        if (restoration.complete() || !database.available()) {
            return fromMemory(filter);
        }
        try {
            return fromStore(filter);
        } catch (ApiException e) {
            return fromMemory(filter);
        }
    }

    private List<AlertView> fromMemory(Filter filter) {
        return live.openNewestFirst().stream()
                .map(LiveAlerts.Entry::view)
                .filter(view -> filter.lets(view.alert()))
                .limit(filter.limit())
                .toList();
    }

    private List<AlertView> fromStore(Filter filter) {
        List<AlertView> views = new ArrayList<>();
        for (Stored stored : database.read(handle -> AlertStore.list(handle, filter))) {
            views.add(newest(stored));
        }
        return views;
    }

    private AlertDetail one(Call call) {
        String id = call.path("id");
        LiveAlerts.Entry entry = live.find(id);
        List<Acknowledgements.Event> history = List.of();
        boolean known = false;
        if (database.available()) {
            try {
                history = database.read(handle -> Acknowledgements.history(handle, id));
                known = true;
            } catch (ApiException e) {
                // It went away meanwhile: what is in memory is still worth showing, and the answer says so.
                known = false;
            }
        }
        if (entry != null) {
            return new AlertDetail(entry.view(), history, known);
        }
        Optional<Stored> stored = database.read(handle -> AlertStore.find(handle, id));
        return new AlertDetail(newest(stored.orElseThrow(() -> notFound(id))), history, known);
    }

    /** The archive may be behind the topic. */
    private AlertView newest(Stored stored) {
        LiveAlerts.Entry entry = live.find(stored.alert().id());
        if (entry != null && entry.view().alert().revision() >= stored.alert().revision()) {
            return entry.view();
        }
        return view(names, stored);
    }

    static AlertView view(AlertNames names, Stored stored) {
        return names.view(
                stored.alert(),
                stored.acknowledgement().of(stored.alert()),
                Instant.ofEpochMilli(stored.alert().revision()));
    }

    static ApiException notFound(String id) {
        return ApiException.notFound("There is no alert '" + id + "'.", "报警 “" + id + "” 不存在。");
    }
}
