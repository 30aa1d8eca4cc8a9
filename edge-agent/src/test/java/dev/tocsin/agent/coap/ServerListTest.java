package dev.tocsin.agent.coap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerListTest {
    @Test
    void anEntrySaysWhereADeviceIs() {
        ServerList list = ServerList.read("""
                servers:
                  - {device: boiler-1, address: "coap://192.168.7.21"}
                  - {device: boiler-2, address: "coaps://[2001:db8::7]:5685/", profile: boiler}
                """);
        assertThat(list.errors()).isEmpty();
        assertThat(list.servers())
                .extracting(entry -> entry.device() + " " + entry.address() + " " + entry.profile())
                .containsExactly("boiler-1 coap://192.168.7.21 null", "boiler-2 coaps://[2001:db8::7]:5685 boiler");
    }

    @Test
    void everyBadEntryIsNamedAndTheOthersAreTaken() {
        ServerList list = ServerList.read("""
                servers:
                  - {device: a, address: "http://h"}
                  - {device: a, address: "coap://h/path"}
                  - {device: a, address: "coap://"}
                  - {device: "a b", address: "coap://h"}
                  - {device: a, address: "coap://h"}
                  - {device: a, address: "coap://h2"}
                  - {device: c, address: "coap://h", adress: x}
                """);
        assertThat(list.servers()).extracting(ServerList.Entry::device).contains("a");
        assertThat(list.errors())
                .anyMatch(error -> error.startsWith("/servers/0/address"))
                .anyMatch(error -> error.startsWith("/servers/1/address"))
                .anyMatch(error -> error.startsWith("/servers/2/address"))
                .anyMatch(error -> error.startsWith("/servers/3/device"))
                .anyMatch(error -> error.startsWith("/servers/5/device"))
                .anyMatch(error -> error.startsWith("/servers/6/adress"));
    }

    @Test
    void whatIsNoListIsOneErrorAndNoServer() {
        assertThat(ServerList.read("servers: 7").servers()).isEmpty();
        assertThat(ServerList.read("servers: 7").errors()).isNotEmpty();
        assertThat(ServerList.read("{").errors()).isNotEmpty();
    }

    @Test
    void moreThanTheBoundAreNotTaken() {
        String many = IntStream.rangeClosed(0, ServerList.MAX_SERVERS)
                .mapToObj(i -> "  - {device: d" + i + ", address: \"coap://h\"}")
                .collect(Collectors.joining("\n", "servers:\n", "\n"));
        assertThat(ServerList.read(many).servers()).hasSize(ServerList.MAX_SERVERS);
        assertThat(ServerList.read(many).errors()).singleElement().asString().contains("one more than 500");
    }
}
