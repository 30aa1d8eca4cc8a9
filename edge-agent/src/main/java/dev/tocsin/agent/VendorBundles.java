package dev.tocsin.agent;

import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.bundle.BundleWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** {@code edge-agent bundle}: what a vendor signs releases with. No gateway ever holds a private key. */
final class VendorBundles {
    private static final Set<String> OPTIONS =
            Set.of("name", "out", "image", "key", "from", "allow-downgrade", "bundle", "keys");

    private final Map<String, String> options;
    private final Words words;

    private VendorBundles(Map<String, String> options, Words words) {
        this.options = options;
        this.words = words;
    }

    static int run(List<String> arguments, Words words) throws BundleException, IOException {
        String action = arguments.isEmpty() ? "help" : arguments.get(0);
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0 || !OPTIONS.contains(argument.substring(2, equals))) {
                words.complain(
                        "'" + argument + "' is no option of bundle; there are " + new TreeSet<>(OPTIONS),
                        "bundle 没有选项“" + argument + "”；可用：" + new TreeSet<>(OPTIONS));
                return AgentCommand.WRONG_USE;
            }
            options.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
        VendorBundles bundles = new VendorBundles(options, words);
        try {
            return switch (action) {
                case "keygen" -> bundles.keygen();
                case "make" -> bundles.make();
                case "show" -> bundles.show();
                case "help" -> bundles.help(AgentCommand.DONE);
                default -> bundles.help(AgentCommand.WRONG_USE);
            };
        } catch (IllegalArgumentException e) {
            words.complain(String.valueOf(e.getMessage()), String.valueOf(e.getMessage()));
            return AgentCommand.WRONG_USE;
        }
    }

    private String required(String option) {
        String value = options.get(option);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(words.in("--" + option + "= is needed", "缺少选项 --" + option + "="));
        }
        return value;
    }

    private int keygen() throws IOException {
        Path folder = Files.createDirectories(Path.of(required("out")));
        String name = required("name");
        Path secret = folder.resolve(name + ".key");
        KeyPair pair = BundleKeys.generate();
        // Fails where there is one: a key that signed releases must not be lost to a second call.
        Files.createFile(secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(secret, BundleKeys.pem(pair.getPrivate()).getBytes(StandardCharsets.US_ASCII));
        Path shared = folder.resolve(name + BundleKeys.PUBLIC);
        Files.writeString(shared, BundleKeys.pem(pair.getPublic()));
        words.say(
                secret + " signs, keep it off the network; " + shared + " goes into images and onto gateways",
                secret + " 用于签名，请离线保存；" + shared + " 放入镜像和网关");
        return AgentCommand.DONE;
    }

    private int make() throws BundleException, IOException {
        BundleWriter.Terms terms = new BundleWriter.Terms(
                options.getOrDefault("from", "0.0.0"), Boolean.parseBoolean(options.get("allow-downgrade")));
        Path out = Path.of(required("out"));
        BundleManifest manifest = BundleWriter.write(
                Path.of(required("image")), terms, BundleKeys.privateKey(Path.of(required("key"))), out);
        words.out.println(out + ": " + manifest.version() + ", " + manifest.serial() + ", " + Files.size(out));
        return AgentCommand.DONE;
    }

    private int show() throws BundleException, IOException {
        try (Bundle bundle = Bundle.open(Path.of(required("bundle")))) {
            bundle.requireIntact();
            BundleManifest manifest = bundle.manifest();
            words.say(
                    manifest.version() + ", serial " + manifest.serial() + ", replaces " + manifest.from()
                            + " and newer, " + manifest.files().size() + " files, " + manifest.bytes() + " bytes"
                            + (manifest.allowDowngrade() ? ", allows a downgrade" : ""),
                    manifest.version() + "，序号 " + manifest.serial() + "，可替换 " + manifest.from() + " 及更高版本，"
                            + manifest.files().size() + " 个文件，" + manifest.bytes() + " 字节"
                            + (manifest.allowDowngrade() ? "，允许降级" : ""));
            if (!bundle.isSignedByOneOf(BundleKeys.trusted(List.of(Path.of(required("keys")))))) {
                words.complain("it is signed by none of these keys", "签名与这些公钥都不匹配");
                return AgentCommand.FAILED;
            }
            return AgentCommand.DONE;
        }
    }

    private int help(int status) {
        words.say("""
                edge-agent bundle keygen --out=FOLDER --name=NAME
                edge-agent bundle make --image=FOLDER --key=NAME.key --out=FILE [--from=1.0.0] [--allow-downgrade=true]
                edge-agent bundle show --bundle=FILE --keys=FOLDER""", """
                edge-agent bundle keygen --out=目录 --name=名称
                edge-agent bundle make --image=镜像目录 --key=名称.key --out=文件 [--from=1.0.0] [--allow-downgrade=true]
                edge-agent bundle show --bundle=文件 --keys=公钥目录""");
        return status;
    }
}
