#include "ctl/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/curl.h"
#include "ctl/seen.h"
#include "ctl/text.h"
#include "http/method.h"

static char *plain(const char *method, const char *target, long body)
{
    if (body < 0)
        return text_of("%s %s HTTP/1.1\r\nHost: d\r\n\r\n", method, target);
    return text_of("%s %s HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
                   "Content-Length: %ld\r\n\r\n",
                   method, target, body);
}

static char *of_line(const char *const *words, size_t n, long body, const char **why)
{
    static struct seen seen;
    char *line = text_of("%s", words[0]);

    for (size_t i = 1; i < n; i++) {
        char *longer = text_of("%s %s", line, words[i]);
        free(line);
        line = longer;
    }
    bool found = seen_in_line(str_of(line), &seen);
    free(line);
    if (!found)
        *why = "there is no METHOD /TARGET in it";
    return found ? plain(seen.method, seen.target, body) : NULL;
}

/* Takes a command line apart as a shell does, in place: '...', "...", backslashes. Returns how many
 * words there are. */
static size_t split(char *line, const char **words, size_t most)
{
    char *to = line;
    size_t n = 0;

    while (n < most) {
        char quote = 0;
        while (*line == ' ' || *line == '\t' || *line == '\n')
            line++;
        if (*line == '\0')
            break;
        words[n++] = to;
        for (; *line != '\0' && (quote != 0 || strchr(" \t\n", *line) == NULL); line++) {
            bool escapes = *line == '\\' && quote != '\'' && line[1] != '\0';
            if (!escapes && (*line == quote || (quote == 0 && strchr("'\"", *line) != NULL)))
                quote = quote == 0 ? *line : '\0';
            else if (!escapes || *++line != '\n') /* one before a line break joins two lines */
                *to++ = *line;
        }
        line += *line != '\0';
        *to++ = '\0';
    }
    return n;
}

/* What a prompt or a shell has before curl. */
static bool goes_before_curl(const char *word)
{
    return strcmp(word, "sudo") == 0 || strcmp(word, "$") == 0 || strcmp(word, "#") == 0;
}

/* "curl ..." in one word or in several; NULL and no reason when it is none. */
static char *of_curl(const char *const *words, size_t n, long body, const char **why)
{
    static const char *parts[WORDS_MAX];
    char *copy = text_of("%s", words[0]), *head = NULL;

    if (n == 1) {
        n = split(copy, parts, WORDS_MAX);
        words = parts;
    }
    for (; n > 1 && goes_before_curl(words[0]); n--)
        words++;
    if (n > 0 && strcmp(words[0], "curl") == 0)
        head = curl_head(words + 1, n - 1, body, why);
    free(copy);
    return head;
}

/* METHOD TARGET, where a URL will do for the target. */
static char *of_method(const char *method, const char *target, long body, const char **why)
{
    const char *host = curl_behind_scheme(target), *path = NULL;

    if (host != NULL)
        path = host[strcspn(host, "/")] == '\0' ? "/" : host + strcspn(host, "/");
    else if (target[0] == '/' || http_method_of(str_of(method)) != METHOD_OTHER)
        path = target;
    if (path == NULL)
        *why = "a request is METHOD /TARGET, curl ..., or a line of a log";
    return path == NULL ? NULL : plain(method, path, body);
}

char *asked_head(const char *const *words, size_t n, long body, const char **why)
{
    *why = NULL;
    char *head = of_curl(words, n, body, why);
    if (head != NULL || *why != NULL)
        return head;
    if (n == 2 && strpbrk(words[0], " \t") == NULL)
        return of_method(words[0], words[1], body, why);
    return of_line(words, n, body, why);
}
