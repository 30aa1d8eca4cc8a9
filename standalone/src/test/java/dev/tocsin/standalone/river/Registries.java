package dev.tocsin.standalone.river;

/** Registries for tests, as the API imports them. */
final class Registries {
    /** One district, one town, the one gateway of a platform; devices come by open enrolment. */
    static final String ONE_GATEWAY = """
            areas:
              - {id: district, name: {en: District, zh: 区}}
              - {id: town, parent: district, name: {en: Town, zh: 镇}}
            gateways:
              - {id: gw-1, name: Gateway 1, area: town, enrolment: open, place: {name: Town hall, latitude: 30.57, longitude: 114.3}}
            devices: []
            """;

    private Registries() {}
}
