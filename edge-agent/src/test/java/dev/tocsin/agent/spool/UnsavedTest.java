package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnsavedTest {
    private final Unsaved unsaved = new Unsaved();

    private static Draft.Kept document(int number, int bytes) {
        return new Draft.Kept("rule-state", "device-" + number, new byte[bytes]);
    }

    private List<String> keys() {
        return unsaved.content().documents().stream().map(Draft.Kept::key).toList();
    }

    @Test
    void documentsAreBoundedByTheirBytesAndTheOldestGoes() {
        int tenth = Unsaved.MAX_DOCUMENT_BYTES / 10;
        List<Draft.Kept> eleven = new ArrayList<>();
        for (int i = 0; i <= 10; i++) {
            eleven.add(document(i, tenth));
        }
        unsaved.addDocuments(eleven);
        assertThat(keys()).hasSize(10).doesNotContain("device-0");
        assertThat(unsaved.dropped()).isEqualTo(1);

        unsaved.addDocuments(List.of(document(5, 1)));
        unsaved.addDocuments(List.of(document(11, tenth)));
        assertThat(keys())
                .as("a smaller one in the place of a large one makes room")
                .hasSize(11);

        unsaved.saved(unsaved.content());
        unsaved.addDocuments(eleven);
        assertThat(keys()).as("what is on disk counts no more").hasSize(10);
    }
}
