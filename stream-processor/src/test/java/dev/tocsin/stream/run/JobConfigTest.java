package dev.tocsin.stream.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.config.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JobConfigTest {
    /** It was port 10, which only root may open, and only one process at a time. */
    @Test
    void aJobOnAnyFreePortHasAnyFreePortForItsFilesToo() {
        JobConfig config = JobConfig.read(new Settings(new String[0], Map.of()), 0, 0);

        assertThat(config.restPort()).isZero();
        assertThat(config.blobPort()).isZero();
        assertThat(config.metricsPort()).isZero();
    }

    @Test
    void theFilesOfAJobGoTenPortsAboveItsRestPort() {
        assertThat(JobConfig.read(new Settings(new String[0], Map.of()), 8082, 9250)
                        .blobPort())
                .isEqualTo(8092);
    }
}
