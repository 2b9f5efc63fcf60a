// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;

/**
 * Sends the requests on standard input with one client of java.net.http, one after the other; the argument is the version of HTTP
 * that it prefers.
 *
 * A line is a method, a URL, the file to send and the file to write, or - for none, and any number of headers as name=value, the
 * value percent-encoded; Expect asks before the body, and Transfer-Encoding does not tell its length. An answer is printed as its
 * status, its version, its ETag and the milliseconds it took; a failure as the word "failed" and the exception.
 */
class Exchange {
    public static void main(String[] arguments) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.valueOf(arguments[0])).build();
        Scanner lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().split(" ");
            try {
                System.out.println(exchange(client, words));
            } catch (IOException error) {
                System.out.println("failed " + error);
            }
        }
    }

    private static String exchange(HttpClient client, String[] words) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(words[1])).timeout(Duration.ofSeconds(60));
        BodyPublisher body = words[2].equals("-") ? BodyPublishers.noBody() : BodyPublishers.ofFile(Path.of(words[2]));
        for (String field : List.of(words).subList(4, words.length)) {
            String name = field.substring(0, field.indexOf('='));
            String value = URLDecoder.decode(field.substring(name.length() + 1).replace("+", "%2B"), UTF_8);
            switch (name) {
                // The client does not let these two be set.
                case "Expect" -> request.expectContinue(true);
                case "Transfer-Encoding" -> body = BodyPublishers.fromPublisher(body);
                default -> request.header(name, value);
            }
        }
        // Without an answer's content in it, a file of an earlier run would be taken for it.
        if (!words[3].equals("-")) Files.deleteIfExists(Path.of(words[3]));
        BodyHandler<?> handler = words[3].equals("-") ? BodyHandlers.discarding() : BodyHandlers.ofFile(Path.of(words[3]));
        long begun = System.nanoTime();
        HttpResponse<?> answer = client.send(request.method(words[0], body).build(), handler);
        long milliseconds = (System.nanoTime() - begun) / 1_000_000;
        String etag = answer.headers().firstValue("etag").orElse("-");
        return answer.statusCode() + " " + answer.version() + " " + etag + " " + milliseconds;
    }
}
