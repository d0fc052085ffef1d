/* A mock of a server that speaks OpenAI's chat completions, cheap enough to measure clients with.
 *
 * One thread, epoll, HTTP/1.1 with keep-alive; a request is answered after a fixed latency, held by a heap of timers.
 * See server.py beside it for the options and for what the faults are; usage: mock [--option value]...
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 65536
#define LARGEST_HEAD 65536
#define LARGEST_BODY (64u << 20)

enum fault { OK, TOO_MANY, TOO_MANY_AFTER, QUOTA, BAD_REQUEST, UNAUTHORISED, FAILED, UNAVAILABLE, UNAVAILABLE_AFTER, MALFORMED,
             TRUNCATED, EMPTY, HTML, LENGTH, REFUSAL, RESET, CUT, DRIP, HANG, FLOOD, FAULTS };
static const char *const NAMES[FAULTS] = {"ok", "429", "429after", "quota", "400", "401", "500", "503", "503after", "malformed",
             "truncated", "empty", "html", "length", "refusal", "reset", "cut", "drip", "hang", "flood"};
static const int STATUS[FAULTS] = {200, 429, 429, 429, 400, 401, 500, 503, 503, 200, 200, 200, 200, 200, 200, 0, 200, 200, 0, 200};

/* ---- options ---- */
static int64_t latency_us, drip_us = 500000, flood_bytes = 1 << 30;
static double retry_after = 1.0, share[FAULTS];
static uint64_t seed = 1;
static int by_body, capacity, limit_after = 1;
static long times = -1, limit_requests, limit_tokens;
static double limit_seconds = 60;

/* ---- counters ---- */
static struct {
    uint64_t requests, answered, again, abandoned, connections, kind[FAULTS], over_capacity, over_limit;
    long in_flight, most;
} stats;

struct connection {
    char *in, *out;
    size_t in_size, in_cap, out_size, out_at, out_cap;
    uint32_t generation;
    int64_t flood;
    uint64_t hash;
    enum fault fault;
    char open, waiting, close_after, writing;
};
static struct connection table[CONNECTIONS];
static int poller;

static int64_t now_us(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
}

static void *grown(void *from, size_t size) {
    void *found = realloc(from, size);
    if (!found) abort();
    return found;
}

static uint64_t mixed(uint64_t value) { /* splitmix64 */
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

static uint64_t digest(const char *from, size_t size) {
    uint64_t hash = size * 0x9e3779b97f4a7c15ULL, word;
    for (; size >= 8; from += 8, size -= 8) {
        memcpy(&word, from, 8);
        hash = (hash ^ word) * 0x2127599bf4325c37ULL;
        hash ^= hash >> 29;
    }
    word = 0;
    memcpy(&word, from, size);
    return mixed(hash ^ word) | 1;
}

/* ---- timers: a binary heap; a timer whose connection has moved on is void ---- */
struct timer { int64_t due; int fd; uint32_t generation; };
static struct timer *heap;
static size_t heap_size, heap_cap;

static void later(int64_t due, int fd) {
    if (heap_size == heap_cap) heap = grown(heap, (heap_cap = heap_cap ? 2 * heap_cap : 1024) * sizeof *heap);
    size_t at = heap_size++;
    while (at && heap[(at - 1) / 2].due > due) { heap[at] = heap[(at - 1) / 2]; at = (at - 1) / 2; }
    heap[at] = (struct timer){due, fd, table[fd].generation};
}

static struct timer soonest(void) {
    struct timer first = heap[0], last = heap[--heap_size];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < heap_size) {
        if (child + 1 < heap_size && heap[child + 1].due < heap[child].due) child++;
        if (heap[child].due >= last.due) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

/* ---- what was seen: a hash table of bodies ---- */
struct seen { uint64_t hash; uint32_t faults, answers; };
static struct seen *bodies;
static size_t bodies_size, bodies_cap;

static struct seen *seen(uint64_t hash) {
    if (2 * bodies_size >= bodies_cap) {
        struct seen *old = bodies;
        size_t before = bodies_cap;
        bodies_cap = bodies_cap ? 2 * bodies_cap : 4096;
        bodies = calloc(bodies_cap, sizeof *bodies);
        if (!bodies) abort();
        for (size_t i = 0; i < before; i++)
            if (old[i].hash) {
                size_t at = old[i].hash & (bodies_cap - 1);
                while (bodies[at].hash) at = (at + 1) & (bodies_cap - 1);
                bodies[at] = old[i];
            }
        free(old);
    }
    size_t at = hash & (bodies_cap - 1);
    while (bodies[at].hash && bodies[at].hash != hash) at = (at + 1) & (bodies_cap - 1);
    if (!bodies[at].hash) { bodies[at].hash = hash; bodies_size++; }
    return &bodies[at];
}

/* ---- answers: drafts by the sentence they are read from, and whole answers by the number of a dispatch ---- */
struct draft { uint64_t hash; char *text; struct draft *next; };
static struct draft *drafts[1 << 14];
static char **answers;
static size_t answers_size;

static char *slurp(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    char *all = NULL;
    size_t size = 0, got;
    do {
        all = grown(all, size + (1 << 20) + 1);
        size += got = fread(all + size, 1, 1 << 20, file);
    } while (got);
    all[size] = 0;
    fclose(file);
    return all;
}

static void read_drafts(const char *path) { /* lines: sentence, tab, draft without its brace and number, both escaped as in JSON */
    char *line = slurp(path), *end, *tab;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        if (!(tab = strchr(line, '\t'))) continue;
        struct draft *new = grown(NULL, sizeof *new);
        new->hash = digest(line, (size_t)(tab - line));
        new->text = tab + 1;
        new->next = drafts[new->hash >> 50];
        drafts[new->hash >> 50] = new;
    }
}

static void read_answers(const char *path) { /* a line each, escaped as in JSON */
    char *line = slurp(path), *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        answers = grown(answers, (answers_size + 1) * sizeof *answers);
        answers[answers_size++] = line;
    }
}

static char *content;
static size_t content_size, content_cap;

static void add(const char *text, size_t size) {
    if (content_size + size + 1 > content_cap) content = grown(content, content_cap = 2 * (content_size + size) + 65536);
    memcpy(content + content_size, text, size);
    content[content_size += size] = 0;
}

static void answer(const char *body, size_t size) {
    static const char OPEN[] = "{\\\"claims\\\":[", NUMBER[] = "{\\\"sentence\\\":", CLOSE[] = "]}";
    content_size = 0;
    add(OPEN, sizeof OPEN - 1);
    int found = 0;
    const char *at = body, *end = body + size;
    while ((at = memchr(at, '[', (size_t)(end - at)))) {
        const char *digits = ++at;
        while (at < end && *at >= '0' && *at <= '9') at++;
        if (at == digits || end - at < 3 || at[0] != ']' || at[1] != ' ') continue;
        const char *sentence = at + 2, *stop = sentence;
        while (stop < end && *stop != '\\' && *stop != '"') stop++;
        uint64_t hash = digest(sentence, (size_t)(stop - sentence));
        for (struct draft *draft = drafts[hash >> 50]; draft; draft = draft->next)
            if (draft->hash == hash) {
                if (found++) add(",", 1);
                add(NUMBER, sizeof NUMBER - 1);
                add(digits, (size_t)(at - digits));
                add(draft->text, strlen(draft->text));
            }
        at = stop;
    }
    if (!found && answers_size) {
        const char *number = memmem(body, size, "Dispatch ", 9);
        size_t chosen = number ? (size_t)strtoull(number + 9, NULL, 10) % answers_size : 0;
        content_size = 0;
        add(answers[chosen], strlen(answers[chosen]));
        return;
    }
    add(CLOSE, sizeof CLOSE - 1);
}

/* ---- replies ---- */
static void ready(struct connection *c, size_t more) {
    if (c->out_size + more > c->out_cap) c->out = grown(c->out, c->out_cap = 2 * (c->out_size + more) + 4096);
}

static void put(struct connection *c, const char *form, ...) {
    va_list args, again;
    va_start(args, form);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, form, args);
    ready(c, (size_t)size + 1);
    vsnprintf(c->out + c->out_size, (size_t)size + 1, form, again);
    c->out_size += (size_t)size;
    va_end(args);
    va_end(again);
}

static long window_requests, window_tokens;
static int64_t window_end;

static void duration(char *to, size_t size, double seconds) { /* as OpenAI writes them: 6m0s, 1s, 120ms */
    if (seconds >= 60) snprintf(to, size, "%dm%ds", (int)seconds / 60, (int)seconds % 60);
    else if (seconds >= 1) snprintf(to, size, "%.3gs", seconds);
    else snprintf(to, size, "%dms", (int)(seconds * 1000) + 1);
}

static void put_limits(struct connection *c) {
    char reset[32];
    duration(reset, sizeof reset, (double)(window_end - now_us()) / 1e6);
    if (limit_requests)
        put(c, "x-ratelimit-limit-requests: %ld\r\nx-ratelimit-remaining-requests: %ld\r\nx-ratelimit-reset-requests: %s\r\n",
            limit_requests, window_requests > 0 ? window_requests : 0, reset);
    if (limit_tokens)
        put(c, "x-ratelimit-limit-tokens: %ld\r\nx-ratelimit-remaining-tokens: %ld\r\nx-ratelimit-reset-tokens: %s\r\n",
            limit_tokens, window_tokens > 0 ? window_tokens : 0, reset);
}

static void put_reply(struct connection *c, int status, const char *kind, const char *headers, const char *body, size_t size) {
    put(c, "HTTP/1.1 %d Mock\r\ncontent-type: %s\r\ncontent-length: %zu\r\n%s", status, kind, size, headers);
    if (limit_requests || limit_tokens) put_limits(c);
    ready(c, size + 2);
    memcpy(c->out + c->out_size, "\r\n", 2);
    if (size) memcpy(c->out + c->out_size + 2, body, size);
    c->out_size += size + 2;
}

static void put_error(struct connection *c, int status, const char *code, const char *headers) {
    char body[256];
    int size = snprintf(body, sizeof body, "{\"error\":{\"message\":\"planned %d\",\"type\":\"planned\",\"param\":null,\"code\":%s}}", status, code);
    put_reply(c, status, "application/json", headers, body, (size_t)size);
}

static void put_answer(struct connection *c, enum fault fault, const char *asked, size_t asked_size) {
    static char *body;
    static size_t cap;
    answer(asked, asked_size);
    size_t tokens = content_size / 4 + 1, shown = content_size;
    if (fault == LENGTH) for (shown = content_size / 2; shown && content[shown - 1] == '\\'; shown--);
    if (content_size + 1024 > cap) body = grown(body, cap = 2 * content_size + 1024);
    static const char LEAD[] = "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":0,\"model\":\"mock\",\"choices\":[{\"index\":0,"
                               "\"message\":{\"role\":\"assistant\",";
    size_t size = (size_t)sprintf(body, "%s", LEAD);
    if (fault == REFUSAL) size += (size_t)sprintf(body + size, "\"content\":null,\"refusal\":\"I cannot help with that.\"");
    else if (fault == MALFORMED) size += (size_t)sprintf(body + size, "\"content\":\"{\\\"claims\\\":[{]\",\"refusal\":null");
    else {
        size += (size_t)sprintf(body + size, "\"content\":\"");
        memcpy(body + size, content, shown);
        size += shown;
        size += (size_t)sprintf(body + size, "\",\"refusal\":null");
    }
    size_t prompt = asked_size / 4 + 1;
    size += (size_t)sprintf(body + size, "},\"logprobs\":null,\"finish_reason\":\"%s\"}],\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":%zu,"
                            "\"total_tokens\":%zu,\"prompt_tokens_details\":{\"cached_tokens\":0}},\"system_fingerprint\":null}",
                            fault == LENGTH ? "length" : "stop", prompt, tokens, prompt + tokens);
    put_reply(c, 200, "application/json", "", body, fault == TRUNCATED ? size / 2 : size);
    if (fault == CUT) { c->out_size -= size / 2; c->close_after = 1; }
}

static void put_fault(struct connection *c, enum fault fault, const char *asked, size_t asked_size) {
    static const char PAGE[] = "<html><body><h1>busy</h1></body></html>";
    char after[96];
    snprintf(after, sizeof after, "retry-after: %g\r\nretry-after-ms: %ld\r\n", retry_after, (long)(retry_after * 1000));
    switch (fault) {
    case TOO_MANY: put_error(c, 429, "\"rate_limit_exceeded\"", ""); break;
    case TOO_MANY_AFTER: put_error(c, 429, "\"rate_limit_exceeded\"", after); break;
    case QUOTA: put_error(c, 429, "\"insufficient_quota\"", ""); break;
    case BAD_REQUEST: put_error(c, 400, "\"invalid_request_error\"", ""); break;
    case UNAUTHORISED: put_error(c, 401, "\"invalid_api_key\"", ""); break;
    case FAILED: put_error(c, 500, "null", ""); break;
    case UNAVAILABLE: put_error(c, 503, "null", ""); break;
    case UNAVAILABLE_AFTER: put_error(c, 503, "null", after); break;
    case EMPTY: put_reply(c, 200, "application/json", "", "", 0); break;
    case HTML: put_reply(c, 200, "text/html", "", PAGE, sizeof PAGE - 1); break;
    case FLOOD: put(c, "HTTP/1.1 200 Mock\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"); c->flood = flood_bytes; break;
    default: put_answer(c, fault, asked, asked_size);
    }
}

static enum fault named(const char *name, size_t size) {
    for (int i = 0; i < FAULTS; i++)
        if (strlen(NAMES[i]) == size && !memcmp(NAMES[i], name, size)) return (enum fault)i;
    return OK;
}

static enum fault chosen(struct seen *known, const char *body, size_t size) {
    const char *mark = memmem(body, size, "MOCK:", 5);
    long most = times;
    enum fault fault = OK;
    if (mark) {
        const char *name = mark + 5, *end = name;
        while (end < body + size && ((*end >= 'a' && *end <= 'z') || (*end >= '0' && *end <= '9'))) end++;
        fault = named(name, (size_t)(end - name));
        most = end + 1 < body + size && *end == ':' && end[1] >= '0' && end[1] <= '9' ? strtol(end + 1, NULL, 10) : -1;
    } else {
        double drawn = (double)(mixed(seed * 0x9e3779b97f4a7c15ULL ^ (by_body ? known->hash : stats.requests)) >> 11) / 9007199254740992.0;
        for (int i = 1; i < FAULTS; i++) {
            if (drawn < share[i]) { fault = (enum fault)i; break; }
            drawn -= share[i];
        }
    }
    if (fault != OK && most >= 0 && known->faults >= (uint32_t)most) return OK;
    if (fault != OK) known->faults++;
    return fault;
}

static int over_limit(size_t tokens) {
    if (!limit_requests && !limit_tokens) return 0;
    int64_t now = now_us();
    if (now >= window_end) { window_requests = limit_requests; window_tokens = limit_tokens; window_end = now + (int64_t)(limit_seconds * 1e6); }
    if ((limit_requests && window_requests < 1) || (limit_tokens && window_tokens < (long)tokens)) return 1;
    window_requests--;
    window_tokens -= (long)tokens;
    return 0;
}

/* ---- connections ---- */
static void drop(int fd, int reset) {
    struct connection *c = &table[fd];
    if (c->waiting) { stats.in_flight--; c->waiting = 0; }
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    close(fd);
    free(c->in);
    free(c->out);
    uint32_t generation = c->generation + 1;
    memset(c, 0, sizeof *c);
    c->generation = generation;
}

static void watch(int fd, int writing) {
    if (table[fd].writing == writing) return;
    table[fd].writing = (char)writing;
    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLRDHUP | (writing ? EPOLLOUT : 0), .data.fd = fd});
}

static int take(int fd);

static void finished(int fd) {
    struct connection *c = &table[fd];
    stats.in_flight--;
    c->waiting = 0;
    c->out_size = c->out_at = 0;
    c->generation++;
    if (c->close_after) { drop(fd, 0); return; }
    watch(fd, 0);
    while (take(fd));
}

static void flush(int fd, size_t most) {
    static char block[65536 + 16];
    struct connection *c = &table[fd];
    for (;;) {
        while (c->out_at < c->out_size && most) {
            size_t left = c->out_size - c->out_at;
            ssize_t sent = send(fd, c->out + c->out_at, left < most ? left : most, MSG_NOSIGNAL);
            if (sent < 0) {
                if (errno == EAGAIN) watch(fd, 1);
                else { stats.abandoned++; drop(fd, 0); }
                return;
            }
            c->out_at += (size_t)sent;
            most -= (size_t)sent;
        }
        if (c->out_at < c->out_size) return;
        if (c->flood <= 0) break;
        int head = sprintf(block, "%x\r\n", 65536);
        memset(block + head, ' ', 65536);
        memcpy(block + head + 65536, "\r\n", 2);
        c->out_size = c->out_at = 0;
        ready(c, (size_t)head + 65538);
        memcpy(c->out, block, (size_t)head + 65538);
        c->out_size = (size_t)head + 65538;
        if ((c->flood -= 65536) <= 0) put(c, "0\r\n\r\n");
    }
    finished(fd);
}

static void due(int fd) {
    struct connection *c = &table[fd];
    switch (c->fault) {
    case RESET: drop(fd, 1); return;
    case HANG: return;
    case DRIP:
        later(now_us() + drip_us, fd);
        flush(fd, c->out_at ? 1 : 128);
        return;
    default:
        if (c->fault == OK || c->fault == LENGTH || c->fault == REFUSAL) {
            struct seen *known = seen(c->hash);
            stats.answered++;
            if (known->answers++) stats.again++;
        }
        flush(fd, (size_t)-1);
    }
}

static void complete(int fd, const char *head, size_t head_size, const char *body, size_t size) {
    struct connection *c = &table[fd];
    c->out_size = c->out_at = 0;
    c->waiting = 1;
    c->fault = OK;
    stats.in_flight++;
    if (!strncmp(head, "POST /v1/chat/completions ", 26)) {
        stats.requests++;
        if (stats.in_flight > stats.most) stats.most = stats.in_flight;
        struct seen *known = seen(c->hash = digest(body, size));
        enum fault fault;
        if (capacity && stats.in_flight > capacity) { fault = limit_after ? TOO_MANY_AFTER : TOO_MANY; stats.over_capacity++; }
        else if (over_limit(size / 4)) { fault = limit_after ? TOO_MANY_AFTER : TOO_MANY; stats.over_limit++; }
        else fault = chosen(known, body, size);
        c->fault = fault;
        stats.kind[fault]++;
        if (fault != RESET && fault != HANG) put_fault(c, fault, body, size);
        if (latency_us) later(now_us() + latency_us, fd);
        else due(fd);
        return;
    }
    char text[2048];
    int used = 0;
    if (!strncmp(head, "GET /stats ", 11)) {
        used = snprintf(text, sizeof text, "{\"requests\":%lu,\"answered\":%lu,\"answered_again\":%lu,\"bodies\":%zu,\"in_flight\":%ld,\"most_in_flight\":%ld,"
                        "\"abandoned\":%lu,\"connections\":%lu,\"over_capacity\":%lu,\"over_limit\":%lu,\"faults\":{",
                        stats.requests, stats.answered, stats.again, bodies_size, stats.in_flight - 1, stats.most, stats.abandoned,
                        stats.connections, stats.over_capacity, stats.over_limit);
        for (int i = 0; i < FAULTS; i++) used += snprintf(text + used, sizeof text - (size_t)used, "%s\"%s\":%lu", i ? "," : "", NAMES[i], stats.kind[i]);
        static const int CODES[] = {200, 400, 401, 429, 500, 503};
        used += snprintf(text + used, sizeof text - (size_t)used, "},\"status\":{");
        for (size_t k = 0; k < sizeof CODES / sizeof *CODES; k++) {
            uint64_t sum = 0;
            for (int i = 0; i < FAULTS; i++) if (STATUS[i] == CODES[k]) sum += stats.kind[i];
            used += snprintf(text + used, sizeof text - (size_t)used, "%s\"%d\":%lu", k ? "," : "", CODES[k], sum);
        }
        struct rusage own;
        getrusage(RUSAGE_SELF, &own);
        double cpu = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
        used += snprintf(text + used, sizeof text - (size_t)used, "},\"cpu_seconds\":%.6f}", cpu);
        put_reply(c, 200, "application/json", "", text, (size_t)used);
    } else if (!strncmp(head, "POST /reset ", 12)) {
        long open = stats.in_flight;
        memset(&stats, 0, sizeof stats);
        stats.in_flight = open;
        if (bodies) memset(bodies, 0, bodies_cap * sizeof *bodies);
        bodies_size = 0;
        window_end = 0;
        put_reply(c, 200, "application/json", "", "{}", 2);
    } else put_error(c, 404, "null", "");
    (void)head_size;
    flush(fd, (size_t)-1);
}

static const char *header(const char *head, size_t size, const char *name) {
    size_t length = strlen(name);
    for (const char *line = memmem(head, size, "\r\n", 2); line && line + 2 + length < head + size; line = memmem(line + 2, size - (size_t)(line + 2 - head), "\r\n", 2))
        if (!strncasecmp(line + 2, name, length) && line[2 + length] == ':') {
            const char *value = line + 3 + length;
            while (*value == ' ') value++;
            return value;
        }
    return NULL;
}

/* Take one request out of what was received; return whether there may be another. */
static int take(int fd) {
    struct connection *c = &table[fd];
    if (!c->open || c->waiting || !c->in_size) return 0;
    char *end = memmem(c->in, c->in_size, "\r\n\r\n", 4);
    if (!end) { if (c->in_size > LARGEST_HEAD) drop(fd, 0); return 0; }
    size_t head = (size_t)(end - c->in) + 4, used;
    const char *encoding = header(c->in, head, "transfer-encoding"), *length = header(c->in, head, "content-length");
    char *body = c->in + head;
    size_t size = 0;
    if (encoding && !strncasecmp(encoding, "chunked", 7)) {
        char *at = body, *stop = c->in + c->in_size;
        for (;;) { /* first pass: is it all there? */
            char *line = memmem(at, (size_t)(stop - at), "\r\n", 2);
            if (!line) return 0;
            size_t part = strtoull(at, NULL, 16);
            if ((size_t)(stop - line) < part + 4) return 0;
            at = line + 4 + part;
            if (!part) break;
        }
        used = (size_t)(at - c->in);
        for (at = body;;) {
            char *line = memmem(at, (size_t)(stop - at), "\r\n", 2);
            size_t part = strtoull(at, NULL, 16);
            if (!part) break;
            memmove(body + size, line + 2, part);
            size += part;
            at = line + 4 + part;
        }
    } else {
        size = length ? strtoull(length, NULL, 10) : 0;
        if (size > LARGEST_BODY) { drop(fd, 0); return 0; }
        used = head + size;
        if (c->in_size < used) return 0;
    }
    const char *wish = header(c->in, head, "connection");
    c->close_after = wish && !strncasecmp(wish, "close", 5);
    uint32_t before = c->generation;
    char *request = c->in; /* answered before the buffer is moved, since an answer looks at it */
    c->in_size -= used;
    c->in = NULL;
    size_t cap = c->in_cap;
    if (c->in_size) { c->in = grown(NULL, cap); memcpy(c->in, request + used, c->in_size); }
    else c->in_cap = 0;
    complete(fd, request, head, request + head, size);
    if (c->open && c->generation >= before && !c->in) { c->in = request; c->in_cap = cap; }
    else free(request);
    return c->open && !c->waiting;
}

static void receive(int fd) {
    struct connection *c = &table[fd];
    for (;;) {
        if (c->in_cap - c->in_size < 16384) c->in = grown(c->in, c->in_cap = 2 * c->in_cap + 32768);
        ssize_t got = recv(fd, c->in + c->in_size, c->in_cap - c->in_size, 0);
        if (got > 0) {
            c->in_size += (size_t)got;
            if (c->in_size < c->in_cap && !(c->in_size > LARGEST_BODY)) break;
            continue;
        }
        if (got < 0 && errno == EAGAIN) break;
        if (c->waiting) stats.abandoned++;
        drop(fd, 0);
        return;
    }
    while (take(fd));
}

static void welcome(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNECTIONS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        table[fd].open = 1;
        stats.connections++;
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd});
    }
}

static void read_mix(char *mix) { /* name=share,name=share */
    for (char *part = strtok(mix, ","); part; part = strtok(NULL, ",")) {
        char *equals = strchr(part, '=');
        enum fault fault = equals ? named(part, (size_t)(equals - part)) : OK;
        if (fault == OK) { fprintf(stderr, "unknown fault: %s\n", part); exit(2); }
        share[fault] = atof(equals + 1);
    }
}

int main(int count, char **words) {
    int port = 0;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i + 1 < count; i += 2) {
        const char *option = words[i];
        char *value = words[i + 1];
        if (!strcmp(option, "--port")) port = atoi(value);
        else if (!strcmp(option, "--latency-ms")) latency_us = (int64_t)(atof(value) * 1000);
        else if (!strcmp(option, "--drafts")) read_drafts(value);
        else if (!strcmp(option, "--answers")) read_answers(value);
        else if (!strcmp(option, "--mix")) read_mix(value);
        else if (!strcmp(option, "--seed")) seed = strtoull(value, NULL, 10);
        else if (!strcmp(option, "--by")) by_body = !strcmp(value, "body");
        else if (!strcmp(option, "--times")) times = atol(value);
        else if (!strcmp(option, "--retry-after")) retry_after = atof(value);
        else if (!strcmp(option, "--drip-ms")) drip_us = (int64_t)(atof(value) * 1000);
        else if (!strcmp(option, "--flood-bytes")) flood_bytes = atoll(value);
        else if (!strcmp(option, "--capacity")) capacity = atoi(value);
        else if (!strcmp(option, "--limit-requests")) limit_requests = atol(value);
        else if (!strcmp(option, "--limit-tokens")) limit_tokens = atol(value);
        else if (!strcmp(option, "--limit-seconds")) limit_seconds = atof(value);
        else if (!strcmp(option, "--limit-after")) limit_after = atoi(value);
        else { fprintf(stderr, "unknown option: %s\n", option); return 2; }
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) { perror("bind"); return 1; }
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    poller = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    struct epoll_event events[512];
    for (;;) {
        int wait = -1;
        if (heap_size) {
            int64_t left = heap[0].due - now_us();
            wait = left > 0 ? (int)((left + 999) / 1000) : 0;
        }
        int found = epoll_wait(poller, events, 512, wait);
        for (int i = 0; i < found; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) { welcome(listener); continue; }
            if (!table[fd].open) continue;
            if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) receive(fd);
            if (table[fd].open && table[fd].waiting && events[i].events & EPOLLOUT) flush(fd, (size_t)-1);
        }
        int64_t now = heap_size ? now_us() : 0;
        while (heap_size && heap[0].due <= now) {
            struct timer first = soonest();
            if (table[first.fd].open && table[first.fd].waiting && table[first.fd].generation == first.generation) due(first.fd);
        }
    }
}
