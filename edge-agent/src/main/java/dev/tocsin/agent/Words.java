package dev.tocsin.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The language of the command line, and where it is printed: always in UTF-8, whatever the terminal's locale can. */
final class Words {
    final PrintStream out;
    final PrintStream err;
    private final boolean chinese;

    private Words(boolean chinese, PrintStream out, PrintStream err) {
        this.chinese = chinese;
        this.out = out;
        this.err = err;
    }

    /**
     * By {@code --lang}, else as the locale's variables say, in their own order.
     *
     * @throws IllegalArgumentException for a language that there is not
     */
    static Words of(String option, Map<String, String> environment) {
        String language = option;
        for (String variable : new String[] {"LC_ALL", "LC_MESSAGES", "LANG"}) {
            if (language.isEmpty()) {
                language = environment.getOrDefault(variable, "");
            }
        }
        if (!option.isEmpty() && !option.equals("en") && !option.startsWith("zh")) {
            throw new IllegalArgumentException("--lang=" + option + " is neither en nor zh / 仅支持 en 或 zh");
        }
        return new Words(language.startsWith("zh"), utf8(FileDescriptor.out), utf8(FileDescriptor.err));
    }

    private static PrintStream utf8(FileDescriptor to) {
        return new PrintStream(new FileOutputStream(to), true, StandardCharsets.UTF_8);
    }

    String in(String english, String chineseText) {
        return chinese ? chineseText : english;
    }

    /** Prints one line in the language. */
    void say(String english, String chineseText) {
        out.println(in(english, chineseText));
    }

    void complain(String english, String chineseText) {
        err.println("edge-agent: " + in(english, chineseText));
    }
}
