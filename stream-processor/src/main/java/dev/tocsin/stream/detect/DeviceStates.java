package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.RuleState;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The {@link DeviceState} of the current key. Savepoints of the first versions hold its parts each by itself; they are
 * taken over when their device is next looked for.
 */
final class DeviceStates {
    private final ValueState<DeviceState> states;
    private final ValueState<Where> formerWhere;
    private final MapState<String, RuleState> formerRules;

    DeviceStates(RuntimeContext context) {
        states = context.getState(new ValueStateDescriptor<>("device", DeviceState.class));
        formerWhere = context.getState(new ValueStateDescriptor<>("where", Where.class));
        formerRules = context.getMapState(new MapStateDescriptor<>("rules", String.class, RuleState.class));
    }

    /** Null where the device is not known. */
    @Nullable
    DeviceState get() throws Exception {
        DeviceState state = states.value();
        return state == null ? takeOver() : state;
    }

    void put(DeviceState state) throws Exception {
        states.update(state);
    }

    void remove() {
        states.clear();
    }

    private @Nullable DeviceState takeOver() throws Exception {
        Where where = formerWhere.value();
        if (where == null && formerRules.isEmpty()) {
            return null;
        }
        DeviceState state = new DeviceState();
        state.where = where;
        for (Map.Entry<String, RuleState> entry : formerRules.entries()) {
            state.put(entry.getKey(), entry.getValue());
        }
        states.update(state);
        formerWhere.clear();
        formerRules.clear();
        return state;
    }
}
