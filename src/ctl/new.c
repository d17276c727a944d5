#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/level.h"
#include "ctl/text.h"
#include "start/options.h"

/* The flags, as in the command's row. */
enum { FROM, LISTEN, RESIDENT, AUDIT, ROOT };

enum { POLICY, SOCKET, EACH, ALL, HARDENING, ACCEPT, FILES };
enum { PRESET_MAX = 256 * 1024 };

struct file {
    char *path;
    char *text; /* of a link: what it leads to; NULL where the file is not wanted */
    bool link;
    bool made;
};

/* The paths of the files, below ${root}. */
static void name_files(struct file *files, const char *root, const char *name)
{
    files[POLICY].path = text_of("%s" DSP_SYSCONFDIR "/%s.ini", root, name);
    files[SOCKET].path = text_of("%s/etc/systemd/system/dsp-%s.socket", root, name);
    files[EACH].path = text_of("%s/etc/systemd/system/dsp-%s@.service", root, name);
    files[ALL].path = text_of("%s/etc/systemd/system/dsp-%s.service", root, name);
    files[HARDENING].path =
        text_of("%s/etc/systemd/system/dsp-%s.service.d/20-resident.conf", root, name);
    files[ACCEPT].path =
        text_of("%s/etc/systemd/system/dsp-%s.socket.d/accept-no.conf", root, name);
}

/* The text of a preset, in audit mode when it is wanted: the key goes right behind its section. */
static char *of_preset(const char *name, const char *preset, bool audit)
{
    static const char header[] = "[policy]\n";
    char *path = text_of(DSP_POLICYDIR "/%s.ini", preset), *bytes = NULL;
    size_t n = 0;
    struct level level;
    bool good = options_is_level(str_of(preset)) && text_read_file(path, PRESET_MAX, &bytes, &n);

    if (good && level_load(path, &level) != 0) {
        level_print_errors(&level);
        good = false;
        free(bytes);
    }
    if (good)
        level_free(&level);
    free(path);
    if (!good)
        return NULL;
    const char *at = strstr(bytes, header);
    const size_t before = at == NULL ? 0 : (size_t)(at - bytes) + sizeof(header) - 1;
    char *text = text_of("; Level %s, made from the preset %s.\n%.*s%s%s%s", name, preset,
                         (int)before, bytes, audit && at == NULL ? header : "",
                         audit ? "mode = audit\n" : "", bytes + before);
    free(bytes);
    return text;
}

static char *policy_text(const char *name, const struct args *args)
{
    bool audit = args->flags[AUDIT] != NULL;

    if (args->flags[FROM] != NULL)
        return of_preset(name, args->flags[FROM], audit);
    return text_of(
        "; See dsp.ini(5). 'dspctl operations' lists what can be allowed, 'dspctl check' "
        "tells\n; what a policy means, 'dspctl learn' writes one from what was asked "
        "for.\n\n"
        "[policy]\ndescription = %s\n%s\n"
        "[rules]\n; Handshake of every client.\n"
        "allow = SystemPing SystemVersion\n",
        name, audit ? "mode = audit\n" : "");
}

/* A path, or a host and a port; neither holds what would end a line of the unit or begin a
 * specifier of systemd's. */
static bool is_address(const char *listen)
{
    const char *colon = strrchr(listen, ':');

    for (const char *p = listen; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '%' || *p == '\\')
            return false;
    if (listen[0] == '/')
        return strlen(listen) < POLICY_SOCKET_MAX;
    uint64_t port;
    return colon != NULL && colon > listen && str_decimal(str_of(colon + 1), 65535, &port) &&
           port > 0;
}

static char *socket_text(const char *name, const char *listen)
{
    static const char tcp[] =
        "# There is no authentication: whoever reaches the address has the level. Name the networks\n"
        "# that may; until then nobody can but this host.\n"
        "FreeBind=yes\n"
        "KeepAlive=yes\n"
        "IPAddressDeny=any\n"
        "IPAddressAllow=localhost\n";

    return text_of("[Unit]\n"
                   "Description=Docker socket for %s, filtered by dsp\n"
                   "\n"
                   "[Socket]\n"
                   "ListenStream=%s\n"
                   "%s"
                   "\n"
                   "[Install]\n"
                   "WantedBy=sockets.target\n",
                   name, listen, listen[0] == '/' ? "" : tcp);
}

/* The services have the same text; what they do is in dsp's own drop-ins. */
static char *service_text(const char *name, const char *what, const char *drop_ins)
{
    return text_of("# %s of dsp-%s.socket. All settings are in %s.\n"
                   "[Unit]\n"
                   "Description=Docker socket for %s, filtered by dsp\n",
                   what, name, drop_ins, name);
}

static void write_units(struct file *files, const char *name, const char *listen, bool resident)
{
    files[SOCKET].text = socket_text(name, listen);
    files[EACH].text = service_text(name, "One connection", "dsp-.service.d/");
    files[ALL].text = service_text(name, "All connections, where it says Accept=no,",
                                   "dsp-.service.d/ and 20-resident.conf");
    files[HARDENING].text = text_of("%s/dsp-resident.conf", DSP_UNITDIR);
    files[HARDENING].link = true;
    /* In the unit itself it would be overridden by the drop-in of all levels, dsp-.socket.d. */
    if (resident)
        files[ACCEPT].text = text_of("[Socket]\nAccept=no\n");
}

static bool make_folder(const char *path)
{
    char *folder = text_of("%s", path);
    bool good = true;

    for (char *slash = strchr(folder + 1, '/'); slash != NULL && good;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        good = mkdir(folder, 0755) == 0 || errno == EEXIST;
        *slash = '/';
    }
    free(folder);
    return good;
}

/* O_EXCL: nothing is overwritten, whoever else makes it meanwhile. */
static bool make_file(struct file *file)
{
    const size_t n = strlen(file->text);
    if (file->link && make_folder(file->path) && symlink(file->text, file->path) == 0) {
        file->made = true;
        return true;
    }
    int fd = !file->link && make_folder(file->path)
                 ? open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)
                 : -1;
    if (fd < 0) {
        (void)command_trouble("%s: %s", file->path, strerror(errno));
        return false;
    }
    file->made = true;
    bool good = write(fd, file->text, n) == (ssize_t)n && fchmod(fd, 0644) == 0;
    good = close(fd) == 0 && good;
    if (!good)
        (void)command_trouble("%s: %s", file->path, strerror(errno));
    return good;
}

/* All of them, or none. */
static bool make_files(struct file *files)
{
    for (size_t i = 0; i < FILES; i++) {
        if (files[i].text == NULL || make_file(&files[i]))
            continue;
        for (size_t k = 0; k < FILES; k++)
            if (files[k].made)
                (void)unlink(files[k].path);
        return false;
    }
    return true;
}

static void print_next(const char *name, const char *listen, const struct args *args,
                       const struct file *files)
{
    bool path = listen[0] == '/';

    for (size_t i = 0; i < FILES; i++)
        if (files[i].made)
            (void)printf("Made %s\n", files[i].path);
    (void)printf("\nNext:\n"
                 "    $EDITOR %s\n"
                 "    dspctl check %s\n"
                 "    systemctl daemon-reload\n"
                 "    systemctl enable --now dsp-%s.socket\n"
                 "    docker -H %s%s version\n",
                 files[POLICY].path, name, name, path ? "unix://" : "tcp://", listen);
    if (args->flags[AUDIT] != NULL)
        (void)printf(
            "It refuses nothing yet (mode = audit). When the program has shown all that it "
            "does:\n"
            "    dspctl learn %s\n",
            name);
    if (!path)
        (void)printf("Only this host can connect until IPAddressAllow= of %s names others.\n",
                     files[SOCKET].path);
}

int new_run(const struct args *args)
{
    const char *name = args->words[0], *root = args->flags[ROOT];
    struct file files[FILES] = {{0}};
    char *listen = args->flags[LISTEN] != NULL ? text_of("%s", args->flags[LISTEN])
                                               : text_of("/run/dsp/%s.sock", name);
    int status = CTL_TROUBLE;

    if (!options_is_level(str_of(name)) || strpbrk(name, "\\:") != NULL) {
        status =
            command_misused("new", "'%s' is no name for a level: letters, digits and '-_.'", name);
    } else if (!is_address(listen)) {
        status = command_misused("new", "'%s' is neither a path nor ADDRESS:PORT", listen);
    } else {
        name_files(files, root != NULL ? root : "", name);
        files[POLICY].text = policy_text(name, args);
        write_units(files, name, listen, args->flags[RESIDENT] != NULL);
        if (files[POLICY].text != NULL && make_files(files)) {
            print_next(name, listen, args, files);
            status = CTL_YES;
        }
    }
    for (size_t i = 0; i < FILES; i++) {
        free(files[i].path);
        free(files[i].text);
    }
    free(listen);
    return status;
}
