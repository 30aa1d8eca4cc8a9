package dev.tocsin.standalone.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicFilterTest {
    @ParameterizedTest(name = "{0} covers {1}: {2}")
    @CsvSource({
        "'a/#', 'a', true",
        "'a/#', 'a/b/c', true",
        "'a/#', 'a/+/#', true",
        "'a/+', 'a/b', true",
        "'a/+', 'a/+', true",
        "'a/+', 'a', false",
        "'a/+', 'a/#', false",
        "'a/+', 'a/b/c', false",
        "'a/b', 'a/+', false",
        "'#', '+/x', true",
        "'#', '$sys/x', false",
        "'+/x', '$sys/x', false",
        "'a/b', 'a//b', false",
        "'a/+/b', 'a//b', true",
    })
    void aFilterCoversAnotherWhenItMeansEveryTopicTheOtherMeans(String filter, String other, boolean covers) {
        assertThat(TopicFilter.of(filter).covers(TopicFilter.of(other))).isEqualTo(covers);
    }

    @ParameterizedTest(name = "{0} overlaps {1}: {2}")
    @CsvSource({
        "'+/events/rpc', 'tocsin/v1/#', false",
        "'+/v1/rpc', 'tocsin/v1/#', true",
        "'+/+', 'tocsin/v1/#', true",
        "'+/+/rpc', 'tocsin/v1/#', true",
        "'+', 'tocsin/v1/#', false",
        "'#', 'tocsin/v1/#', true",
        "'sensors/+', 'tocsin/v1/#', false",
        "'a/b', 'a/b/#', true",
        "'a/b', 'a/+/c', false",
        "'#', '$sys/x', false",
    })
    void filtersOverlapWhenOneTopicIsMeantByBoth(String filter, String other, boolean overlaps) {
        assertThat(TopicFilter.of(filter).overlaps(TopicFilter.of(other))).isEqualTo(overlaps);
        assertThat(TopicFilter.of(other).overlaps(TopicFilter.of(filter))).isEqualTo(overlaps);
    }
}
