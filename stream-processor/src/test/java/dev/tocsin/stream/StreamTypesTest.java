package dev.tocsin.stream;

import static org.apache.flink.types.PojoTestUtils.assertSerializedAsPojoWithoutKryo;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.correlate.Neighbourhood;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.detect.AdaptiveBaseline;
import dev.tocsin.profiles.detect.PlantBaseline;
import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.archive.SiteProfile;
import dev.tocsin.stream.archive.SpooledReadings;
import dev.tocsin.stream.detect.Detect;
import dev.tocsin.stream.detect.DeviceState;
import dev.tocsin.stream.detect.Held;
import dev.tocsin.stream.detect.Notice;
import dev.tocsin.stream.detect.Where;
import dev.tocsin.stream.ingest.EpochSeen;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.Matter;
import dev.tocsin.stream.life.NewSpool;
import dev.tocsin.stream.life.News;
import dev.tocsin.stream.presence.GatewayPresence;
import dev.tocsin.stream.presence.Signal;
import dev.tocsin.stream.publish.Publication;
import dev.tocsin.stream.source.UplinkMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTypesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                UplinkMessage.class,
                DeviceReadings.class,
                PlacedReadings.class,
                SpooledReadings.class,
                SiteProfile.class,
                Rejected.class,
                Pulse.class,
                Claim.class,
                Alert.class,
                Publication.class,
                EpochSeen.class,
                GatewayPlaces.Home.class,
                Where.class,
                DeviceState.class,
                Held.class,
                Detect.Timers.class,
                Notice.class,
                Signal.class,
                NewSpool.class,
                News.class,
                Neighbourhood.class,
                RuleState.class,
                AdaptiveBaseline.class,
                PlantBaseline.class,
                Matter.class,
                GatewayPresence.class
            })
    void what_travels_or_is_kept_needs_no_kryo(Class<?> type) {
        assertSerializedAsPojoWithoutKryo(type);
    }
}
