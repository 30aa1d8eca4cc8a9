package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.standalone.field.SenMl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapHandler;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;

/** CoAP devices, each with a socket of its own, that post confirmable readings to one agent. */
final class CoapSensors implements AutoCloseable {
    static {
        CoapConfig.register();
        UdpConfig.register();
    }

    private final int agentPort;
    private final Profile profile;
    private final List<CoapEndpoint> endpoints = new ArrayList<>();
    private final ScheduledThreadPoolExecutor threads =
            new ScheduledThreadPoolExecutor(2, runnable -> new Thread(runnable, "coap-sensors"));
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();

    CoapSensors(int agentPort, int count, Profile profile) throws IOException {
        this.agentPort = agentPort;
        this.profile = profile;
        Configuration configuration = new Configuration()
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
        for (int i = 0; i < count; i++) {
            CoapEndpoint endpoint =
                    CoapEndpoint.builder().setConfiguration(configuration).build();
            endpoint.setExecutors(threads, threads);
            endpoint.start();
            endpoints.add(endpoint);
        }
    }

    /** From now on, each device so many readings a second. */
    void start(double perSecond) {
        long periodNanos = (long) (1e9 / perSecond);
        for (int i = 0; i < endpoints.size(); i++) {
            int device = i;
            threads.scheduleAtFixedRate(
                    () -> post(device), periodNanos * i / endpoints.size(), periodNanos, TimeUnit.NANOSECONDS);
        }
    }

    long sent() {
        return sent.get();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** Posts until the first is acknowledged. */
    void awaitFirst(Deadline deadline) throws IOException, InterruptedException {
        while (acknowledged.get() == 0) {
            deadline.require("readings acknowledged", 1, 0);
            post(0);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private void post(int device) {
        // No two readings of a device are the same, or the agent takes one for a re-send.
        double value = 20 + sent.getAndIncrement() % 100_000 / 100_000.0;
        Request request = Request.newPost();
        request.setURI("coap://127.0.0.1:" + agentPort + "/sensors/coap-" + device + "?tocsin-profile=" + profile.id());
        request.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_SENML_JSON);
        request.setPayload(SenMl.pack(profile, System.currentTimeMillis(), Map.of("temperature", value)));
        CoapClient client = new CoapClient().setEndpoint(endpoints.get(device));
        client.advanced(
                new CoapHandler() {
                    @Override
                    public void onLoad(CoapResponse response) {
                        if (response.getCode() == ResponseCode.CHANGED) {
                            acknowledged.incrementAndGet();
                        }
                    }

                    @Override
                    public void onError() {
                        // It shows as not acknowledged.
                    }
                },
                request);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        endpoints.forEach(CoapEndpoint::destroy);
    }
}
