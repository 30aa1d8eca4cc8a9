package dev.tocsin.standalone.bench;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    @Test
    void whatIsMissingWhenItHasPassedIsSaid() {
        assertThatThrownBy(() -> new Deadline(Duration.ZERO.minusSeconds(1)).require("rows", 100, 98))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("98 of 100 rows; 2 are missing");
    }

    @Test
    void whatIsCompleteOrMayStillComeIsNoFault() {
        assertThatCode(() -> new Deadline(Duration.ZERO.minusSeconds(1)).require("rows", 100, 100))
                .doesNotThrowAnyException();
        assertThatCode(() -> new Deadline(Duration.ofMinutes(1)).require("rows", 100, 1))
                .doesNotThrowAnyException();
    }
}
