package dev.tocsin.agent.coap;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Chore;
import dev.tocsin.profiles.profile.CoapQuestion;
import dev.tocsin.profiles.profile.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the devices that are CoAP servers. Where they are, a file of the gateway says ({@link ServerList}), what they are
 * asked for, their profiles ({@link CoapQuestion}); either may change at any time. Bounded by {@link
 * ServerList#MAX_SERVERS}; a profile asks for no more than {@link #MAX_QUESTIONS} paths.
 */
final class AskedServers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AskedServers.class);
    private static final int MAX_QUESTIONS = 16;
    private static final long LOOK_MS = 1_000;

    private final CoapSettings settings;
    private final @Nullable Path file;
    private final Registry registry;
    private final Credentials credentials;
    private final Answers answers;
    private final CoapEndpoints making;
    private final CoapMetrics counters;
    private final ScheduledThreadPoolExecutor threads;

    // Guarded by this.
    private final Map<Key, Question> questions = new HashMap<>();
    private ServerList list = new ServerList(List.of(), List.of());
    private String mark = "";
    private long registryChanges = -1;
    private @Nullable AskingEndpoints endpoints;

    private record Key(ServerList.Entry server, CoapQuestion question) {}

    AskedServers(
            CoapSettings settings,
            Registry registry,
            Credentials credentials,
            Answers answers,
            CoapEndpoints making,
            CoapMetrics counters,
            AgentMetrics metrics) {
        this.settings = settings;
        this.file = settings.servers();
        this.registry = registry;
        this.credentials = credentials;
        this.answers = answers;
        this.making = making;
        this.counters = counters;
        threads = new ScheduledThreadPoolExecutor(1, runnable -> new Thread(runnable, "coap-client"));
        threads.setRemoveOnCancelPolicy(true);
        metrics.gauge("coap.client.questions", "Paths of devices that are asked for", this::size);
        metrics.gauge("coap.client.unanswered", "Of these, without an answer for three intervals", this::unanswered);
    }

    void start() {
        if (file != null) {
            threads.scheduleWithFixedDelay(new Chore(this::look), 0, LOOK_MS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized int size() {
        return questions.size();
    }

    private synchronized int unanswered() {
        return (int) questions.values().stream().filter(Question::isUnanswered).count();
    }

    private synchronized void look() {
        boolean changed = readAgain();
        if (changed || registryChanges != registry.changes()) {
            registryChanges = registry.changes();
            try {
                ask(wanted());
            } catch (UncheckedIOException e) {
                LOG.error("no device can be asked, for want of a socket: {}; trying on", e.getMessage());
                registryChanges = -1;
            }
        }
    }

    /** What cannot be read at all leaves the former list in force. */
    private boolean readAgain() {
        Path path = file;
        if (path == null) {
            return false;
        }
        String now;
        try {
            now = Files.getLastModifiedTime(path) + " " + Files.size(path);
            if (now.equals(mark)) {
                return false;
            }
            ServerList read = ServerList.read(Files.readString(path));
            mark = now;
            read.errors().forEach(error -> LOG.error("{} {}", path, error));
            if (read.servers().isEmpty() && !read.errors().isEmpty()) {
                return false;
            }
            list = read;
            LOG.info("{} CoAP servers from {}", list.servers().size(), path);
            return true;
        } catch (IOException e) {
            if (!mark.equals(e.toString())) {
                mark = e.toString();
                LOG.error("{} cannot be read, the former list stays in force: {}", path, e.toString());
            }
            return false;
        }
    }

    private Set<Key> wanted() {
        Set<Key> wanted = new HashSet<>();
        for (ServerList.Entry server : list.servers()) {
            String enrolledAs = registry.profileOf(server.device());
            String id = enrolledAs == null ? server.profile() : enrolledAs;
            Profile profile = id == null ? null : registry.catalog().find(id);
            if (profile != null) {
                profile.coapQuestions().stream()
                        .limit(MAX_QUESTIONS)
                        .forEach(question -> wanted.add(new Key(server, question)));
            }
            if (profile == null || profile.coapQuestions().isEmpty()) {
                LOG.warn(
                        "{} is not asked: {}",
                        server.device(),
                        profile == null
                                ? "it is not enrolled, and names no profile that is known"
                                : "its profile " + profile.id() + " has no coap-client");
            }
        }
        return wanted;
    }

    private void ask(Set<Key> wanted) {
        questions.entrySet().removeIf(entry -> {
            boolean over = !wanted.contains(entry.getKey());
            if (over) {
                entry.getValue().stop();
            }
            return over;
        });
        for (Key key : wanted) {
            questions.computeIfAbsent(key, k -> {
                Question question = new Question(k.server(), k.question(), endpoints(), answers, counters);
                question.start(threads);
                return question;
            });
        }
    }

    /** Opened by the first question: a gateway without any has no socket for it. */
    private AskingEndpoints endpoints() {
        AskingEndpoints known = endpoints;
        if (known == null) {
            known = new AskingEndpoints(settings, credentials, making, threads);
            endpoints = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        questions.values().forEach(Question::stop);
        questions.clear();
        if (endpoints != null) {
            endpoints.close();
        }
        threads.shutdownNow();
    }
}
