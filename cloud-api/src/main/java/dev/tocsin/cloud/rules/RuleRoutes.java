package dev.tocsin.cloud.rules;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Routes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rule sets as administrators write them and everybody reads them. */
public final class RuleRoutes {
    private final RuleBook rules;
    private final Database database;

    record RuleSetView(String id, int version, boolean inForce, String by, String displayName, Instant at) {}

    /** @param nextVersion the lowest that a new version of any set may have */
    record RuleSetList(int nextVersion, List<RuleSetView> ruleSets) {}

    /** @param history newest first */
    record RuleSetDetail(RuleSetView ruleSet, String text, List<RuleSetView> history) {}

    public RuleRoutes(RuleBook rules, Database database) {
        this.rules = rules;
        this.database = database;
    }

    public void addTo(Routes routes) {
        routes.inline("listRuleSets", call -> list());
        routes.blocking("getRuleSet", this::one);
        routes.blocking("putRuleSet", call -> view(rules.put(call, call.path("id"), call.text())));
        routes.blocking("deleteRuleSet", this::delete);
    }

    private RuleSetList list() {
        RuleImage image = rules.image();
        return new RuleSetList(
                image.nextVersion(),
                image.newest().values().stream()
                        .filter(version -> !version.ended())
                        .map(this::view)
                        .toList());
    }

    private RuleSetDetail one(Call call) {
        String id = call.path("id");
        int asked = call.query("version", 0);
        return database.read(handle -> {
            List<RuleVersion> history = RuleStore.history(handle, id);
            if (history.isEmpty()) {
                throw RuleBook.notFound(id);
            }
            RuleVersion shown = asked == 0
                    ? history.get(0)
                    : RuleStore.find(handle, id, asked).orElseThrow(() -> RuleBook.notFound(id + " " + asked));
            return new RuleSetDetail(
                    view(shown), shown.text(), history.stream().map(this::view).toList());
        });
    }

    private @Nullable Object delete(Call call) {
        rules.end(call, call.path("id"));
        return null;
    }

    private RuleSetView view(RuleVersion version) {
        RuleVersion newest = rules.image().newest().get(version.id());
        boolean inForce = !version.ended() && newest != null && newest.version() == version.version();
        return new RuleSetView(
                version.id(), version.version(), inForce, version.by(), version.displayName(), version.at());
    }
}
