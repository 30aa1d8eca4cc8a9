package dev.tocsin.standalone;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.StartException;
import dev.tocsin.standalone.replay.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Plays a CSV file (plain or .gz) through MQTT into the running platform, as one device.")
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE.csv", description = "the recording; its first line names the columns")
    private Path file = Path.of("");

    @Option(names = "--profile", required = true, description = "profile whose metrics the columns are")
    private String profileId = "";

    @Option(names = "--device", required = true, description = "id of the device to play")
    private String device = "";

    @Option(
            names = "--speed",
            defaultValue = "1",
            description = "times the recording's own pace; 0: as fast as it is taken (${DEFAULT-VALUE})")
    private double speed = 1;

    @Option(
            names = "--start",
            description = "instant (ISO 8601, UTC) at which the first row stands; without it the file's own times")
    private @Nullable Instant start;

    @Option(
            names = "--map",
            description = "COLUMN=METRIC, repeatable; without it columns are matched to metrics by name")
    private Map<String, String> mapping = new LinkedHashMap<>();

    @Option(names = "--skip", description = "column to leave out, repeatable")
    private List<String> skipped = List.of();

    @Option(names = "--time", description = "column of the time; without it the first that is called so")
    private @Nullable String timeColumn;

    @Option(names = "--rows", description = "FIRST-LAST, counted from 0 below the header (all)")
    private @Nullable String rows;

    @Option(
            names = "--broker-url",
            defaultValue = "${env:TOCSIN_BROKER_URL:-tcp://127.0.0.1:1883}",
            description = "broker of the platform (${DEFAULT-VALUE})")
    private String brokerUrl = "";

    @Option(names = "--broker-user", defaultValue = Platform.FIELD_USER, description = "(${DEFAULT-VALUE})")
    private String user = "";

    @Option(
            names = "--broker-password-file",
            description = "file with its password; without it the demonstration's password is used")
    private @Nullable Path passwordFile;

    @Option(
            names = "--profiles-folder",
            defaultValue = "${env:TOCSIN_PROFILES_FOLDER}",
            description = "folder of the site's own profiles (YAML), beside the built-in ones")
    private @Nullable Path profilesFolder;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws StartException, IOException, InterruptedException {
        Profile profile = profile();
        Replay replay;
        try {
            replay = new Replay(profile, device, speed, start);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
        if (!Files.isReadable(file)) {
            throw new StartException(file + " cannot be read");
        }
        long[] range = range();
        Replay.Selection selection =
                new Replay.Selection(file, mapping, new HashSet<>(skipped), timeColumn, range[0], range[1]);
        String password = passwordFile == null
                ? DemoCommand.PASSWORD
                : Files.readString(passwordFile).strip();
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName(file.getFileName().toString())
                .setInitialMax(range[1] == Long.MAX_VALUE ? -1 : range[1] - range[0] + 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" rows", 1);
        try (FieldPublisher publisher =
                        new FieldPublisher(brokerUrl, "replay-" + device, user, password, DemoCommand.WINDOW);
                ProgressBar progress = bar.build()) {
            Replay.Played played = replay.play(selection, publisher, progress::stepTo);
            progress.close();
            System.out.println(played.rows() + " rows, " + played.values() + " values acknowledged; columns "
                    + played.columns() + ", not used " + played.unused());
            if (played.notDelivered() > 0) {
                System.err.println(played.notDelivered()
                        + " messages reached no agent: is the platform running, and the device known to it?");
                return 1;
            }
            return 0;
        } catch (MqttException e) {
            throw new StartException("no connection to " + brokerUrl + " as " + user + ": " + e.getMessage());
        }
    }

    private Profile profile() throws IOException {
        ProfileCatalog catalog = ProfileCatalog.builtIn();
        if (profilesFolder != null) {
            try {
                catalog = catalog.withFolder(profilesFolder);
            } catch (ProfileException e) {
                throw wrong(e.getMessage());
            }
        }
        Profile profile = catalog.find(profileId);
        if (profile == null) {
            throw wrong("no profile is called '" + profileId + "'; there are "
                    + catalog.all().stream().map(Profile::id).sorted().toList());
        }
        return profile;
    }

    private ParameterException wrong(@Nullable String what) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), String.valueOf(what));
    }

    private long[] range() {
        if (rows == null) {
            return new long[] {0, Long.MAX_VALUE};
        }
        String[] ends = rows.split("-", -1);
        try {
            long[] range = {Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1])};
            if (ends.length == 2 && range[0] <= range[1]) {
                return range;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong("--rows " + rows + " is not FIRST-LAST");
    }
}
