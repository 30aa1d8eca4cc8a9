package dev.tocsin.agent.coap;

import dev.tocsin.agent.observe.Chore;
import dev.tocsin.profiles.profile.CoapQuestion;
import java.net.InetSocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapHandler;
import org.eclipse.californium.core.CoapObserveRelation;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One path of one device, asked for again and again. A device that can be observed tells of changes by itself and is
 * asked anew when it said nothing for the interval: that finds out about one that restarted and has forgotten who
 * observes it, and it polls one that cannot be observed at all. Notifications that overtook each other are sorted out by
 * the library (RFC 7641 section 3.4). Safe for any thread.
 */
final class Question implements CoapHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Question.class);
    /** After so many intervals without an answer it counts as unanswered. */
    private static final int PATIENCE_INTERVALS = 3;
    /** Before the first time, at most, so that not all are asked at once. */
    private static final long SPREAD_MS = 2_000;

    private final ServerList.Entry server;
    private final CoapQuestion question;
    private final AskingEndpoints endpoints;
    private final Answers answers;
    private final CoapMetrics metrics;
    private final long startedAtNanos = System.nanoTime();
    private volatile long heardAtNanos;
    private volatile boolean everHeard;
    private volatile boolean failing;
    /** Asked, and neither answered nor given up. */
    private volatile boolean pending;

    private volatile @Nullable InetSocketAddress at;
    private volatile @Nullable Future<?> schedule;

    // Guarded by this.
    private @Nullable CoapObserveRelation relation;
    private boolean stopped;

    Question(
            ServerList.Entry server,
            CoapQuestion question,
            AskingEndpoints endpoints,
            Answers answers,
            CoapMetrics metrics) {
        this.server = server;
        this.question = question;
        this.endpoints = endpoints;
        this.answers = answers;
        this.metrics = metrics;
    }

    void start(ScheduledExecutorService threads) {
        long firstMs = ThreadLocalRandom.current().nextLong(Math.min(SPREAD_MS, question.everyMs()));
        schedule =
                threads.scheduleAtFixedRate(new Chore(this::look), firstMs, question.everyMs(), TimeUnit.MILLISECONDS);
    }

    private synchronized void look() {
        boolean observing = relation != null && !relation.isCanceled();
        if (stopped || pending || (observing && everHeard && sinceMs(heardAtNanos) < question.everyMs())) {
            return;
        }
        forget();
        try {
            ask();
        } catch (IllegalArgumentException | IllegalStateException e) {
            // A name that cannot be resolved now, or an endpoint that is being stopped.
            pending = false;
            failed(String.valueOf(e.getMessage()));
        }
    }

    private void ask() {
        Request request = Request.newGet();
        request.setURI(server.address() + "/" + question.path());
        InetSocketAddress peer = request.getDestinationContext().getPeerAddress();
        at = peer;
        endpoints.expect(peer, server.device());
        pending = true;
        if (question.observe()) {
            request.setObserve();
            relation = endpoints.of(server.address().getScheme()).observe(request, this);
        } else {
            endpoints.of(server.address().getScheme()).advanced(this, request);
        }
    }

    /** A device that still notifies of it is told by a reset that nobody listens. */
    private void forget() {
        if (relation != null) {
            relation.reactiveCancel();
            relation = null;
        }
    }

    @Override
    public void onLoad(CoapResponse response) {
        pending = false;
        if (response.getCode() != ResponseCode.CONTENT) {
            failed("it answers " + response.getCode());
            return;
        }
        heardAtNanos = System.nanoTime();
        everHeard = true;
        metrics.answered.increment();
        if (failing) {
            failing = false;
            LOG.info("{}/{}: answers again", server.address(), question.path());
        }
        answers.onAnswer(server, question.path(), response.advanced());
    }

    @Override
    public void onError() {
        pending = false;
        InetSocketAddress peer = at;
        if (peer != null && server.address().getScheme().equals("coaps")) {
            endpoints.beginAnew(peer);
        }
        failed("no answer");
    }

    private void failed(String why) {
        metrics.unanswered.increment();
        if (!failing) {
            failing = true;
            LOG.warn("{}/{} of {}: {}; asked on", server.address(), question.path(), server.device(), why);
        }
    }

    /** Whether it has been without an answer for too long. */
    boolean isUnanswered() {
        return sinceMs(everHeard ? heardAtNanos : startedAtNanos) > PATIENCE_INTERVALS * question.everyMs();
    }

    private static long sinceMs(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    synchronized void stop() {
        stopped = true;
        Future<?> running = schedule;
        if (running != null) {
            running.cancel(false);
        }
        forget();
    }
}
