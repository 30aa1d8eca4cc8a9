package dev.tocsin.standalone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the house is built, proven on the compiled classes of all modules, which lie beside this one. */
class HouseTest {

    /** A module, the root of its packages, and the modules whose classes it may see. */
    enum Room {
        DEVICE_PROFILES("device-profiles", "profiles"),
        EDGE_AGENT("edge-agent", "agent", "profiles"),
        STREAM_PROCESSOR("stream-processor", "stream", "profiles"),
        CLOUD_API("cloud-api", "cloud", "profiles"),
        STANDALONE("standalone", "standalone", "profiles");

        final Path classes;
        final String root;
        final List<String> mayUse;

        Room(String module, String root, String... mayUse) {
            this.classes = Path.of("..", module, "target", "classes");
            this.root = root;
            this.mayUse = List.of(mayUse);
        }

        boolean owns(JavaClass type) {
            return (type.getPackageName() + ".").startsWith("dev.tocsin." + root + ".");
        }

        String[] packagesOfOtherRoomsItMayNotUse() {
            return Stream.of(values())
                    .filter(other -> other != this && !mayUse.contains(other.root))
                    .map(other -> "dev.tocsin." + other.root + "..")
                    .toArray(String[]::new);
        }
    }

    private static final Set<String> LEFTOVERS =
            Set.of("util", "utils", "common", "impl", "dto", "service", "manager", "helper", "helpers", "misc");

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .importPaths(Stream.of(Room.values()).map(room -> room.classes).toList());

    @ParameterizedTest
    @EnumSource(Room.class)
    void this_test_sees_the_classes_of_every_module(Room room) {
        assertThat(HOUSE).as("classes in %s", room.classes).anyMatch(room::owns);
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void a_module_depends_on_device_profiles_and_on_no_other_module(Room room) {
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage("dev.tocsin." + room.root + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(room.packagesOfOtherRoomsItMayNotUse())
                .allowEmptyShould(true);
        rule.check(HOUSE);
    }

    @ParameterizedTest
    @EnumSource(Room.class)
    void a_module_keeps_to_its_own_root_package(Room room) {
        JavaClasses classes = new ClassFileImporter().importPath(room.classes);
        assertThat(classes)
                .as("classes of %s outside dev.tocsin.%s", room, room.root)
                .allMatch(room::owns);
    }

    @Test
    void packages_are_named_for_what_they_do_and_not_for_a_leftover() {
        assertThat(packages()).noneMatch(name -> Stream.of(name.split("\\.")).anyMatch(LEFTOVERS::contains));
    }

    @Test
    void every_package_is_described_and_null_marked() {
        assertThat(packages()).allSatisfy(name -> {
            JavaPackage described = HOUSE.getPackage(name);
            assertThat(described.isAnnotatedWith(NullMarked.class))
                    .as("%s has a package-info.java with @NullMarked", name)
                    .isTrue();
        });
    }

    /** Packages with classes of ours that were written by hand. */
    private static Set<String> packages() {
        Set<String> names = new TreeSet<>();
        for (JavaClass type : HOUSE) {
            String name = type.getPackageName();
            boolean generated = name.endsWith(".proto") || name.endsWith(".jmh_generated");
            if (!generated) {
                names.add(name);
            }
        }
        return names;
    }
}
