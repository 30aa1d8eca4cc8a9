package dev.tocsin.profiles.profile;

/** One text in the two languages of the console; where a site gives only one, it stands for both. */
public record LocalText(String en, String zh) {
    public LocalText {
        if (en.isBlank() && zh.isBlank()) {
            throw new IllegalArgumentException("a text is blank in both languages");
        }
        en = en.isBlank() ? zh : en;
        zh = zh.isBlank() ? en : zh;
    }

    public static LocalText of(String both) {
        return new LocalText(both, both);
    }
}
