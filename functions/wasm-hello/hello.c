/* A Lambda proxy function in C: the event comes on standard input, the response goes to standard output. */
#include <stdio.h>
#include <string.h>

static char event[6 * 1024 * 1024 + 1];

/* The end of the JSON string that begins at p, one past its closing quote. */
static const char *string_end(const char *p) {
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && p[1]) p++;
    return *p ? p + 1 : p;
}

/* The value of a string member of the event's outermost object, with quotes and escapes as they stand, or "". */
static const char *member(const char *name, size_t *length) {
    int depth = 0;
    for (const char *p = event; *p;) {
        if (*p == '{' || *p == '[') depth++;
        if (*p == '}' || *p == ']') depth--;
        if (*p != '"') { p++; continue; }
        const char *key = p, *end = string_end(p);
        p = end + strspn(end, " \t\r\n");
        if (*p != ':') continue;
        p += 1 + strspn(p + 1, " \t\r\n");
        if (*p != '"' || depth != 1) continue;
        if ((size_t)(end - key) == strlen(name) + 2 && !strncmp(key + 1, name, strlen(name))) {
            *length = (size_t)(string_end(p) - p);
            return p;
        }
        p = string_end(p);
    }
    *length = 2;
    return "\"\"";
}

/* JSON inside a JSON string: quotes and backslashes escaped once more. */
static void put_member(const char *name) {
    size_t length;
    const char *value = member(name, &length);
    for (size_t i = 0; i < length; i++) {
        if (value[i] == '"' || value[i] == '\\') putchar('\\');
        putchar(value[i]);
    }
}

int main(void) {
    event[fread(event, 1, sizeof event - 1, stdin)] = '\0';
    if (event[0] != '{') {
        fputs("the event is not a JSON object\n", stderr); /* standard error is the function's log */
        return 1;
    }
    fputs("{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\"},\"body\":\"", stdout);
    fputs("{\\\"message\\\":\\\"hello from WebAssembly\\\",\\\"method\\\":", stdout);
    put_member("httpMethod");
    fputs(",\\\"path\\\":", stdout);
    put_member("path");
    fputs("}\"}", stdout);
    return 0;
}
