/* A program that loads libraries, has them map files, unloads them, and then faults itself: what it does is
   said by its arguments, one after the other. The first is a path for the libraries' files.

   +PATH loads a library (they are numbered from 0), -N unloads one, ?N says whether it is loaded still.
   uN uses one; tN in a thread that ends; hN in a thread that does not; oN opens 100 times;
   sN says its status. c installs a handler of our own that passes on; e one that ends the process.
   k sends SIGBUS; f touches a lost page; g does so in a new thread. From then on nothing may be allocated. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);
static volatile int watched;

static void look(void) {
    static const char text[] = "an allocation in a handler\n";
    if (watched) {
        if (write(2, text, sizeof text - 1) < 0) _exit(67);
        _exit(66);
    }
}
void *malloc(size_t len) { look(); return __libc_malloc(len); }
void *calloc(size_t n, size_t len) { look(); return __libc_calloc(n, len); }
void *realloc(void *at, size_t len) { look(); return __libc_realloc(at, len); }
void *memalign(size_t align, size_t len) { look(); return __libc_memalign(align, len); }
void *aligned_alloc(size_t align, size_t len) { look(); return __libc_memalign(align, len); }
int posix_memalign(void **at, size_t align, size_t len) {
    look();
    return (*at = __libc_memalign(align, len)) ? 0 : 12;
}

static const char *file;
static void *libraries[8];
static const char *paths[8];
static int count;

static void *find(int library, const char *name) {
    void *function = dlsym(libraries[library], name);
    if (!function) { fprintf(stderr, "%s\n", dlerror()); exit(3); }
    return function;
}
static void require(int answer, const char *what) {
    if (answer != 0) { fprintf(stderr, "%s: %d\n", what, answer); exit(4); }
}
static void use(int library) { require(((int (*)(const char *)) find(library, "plugin_cut"))(file), "use"); }
static void *use_and_end(void *library) { use((int)(long)library); return NULL; }
static pthread_barrier_t used;
static void *use_and_stay(void *library) {
    use((int)(long)library);
    pthread_barrier_wait(&used);
    for (;;) pause();
    return NULL;
}
static void *lost;
static void *touch(void *unused) {
    (void)unused;
    watched = 1;
    return (void *)(long)*(volatile char *)lost;
}

static struct sigaction found;
static void passes_on(int signal, siginfo_t *info, void *context) {
    if (found.sa_flags & SA_SIGINFO) found.sa_sigaction(signal, info, context);
    else { sigaction(signal, &found, NULL); }
}
static void ends(int signal) { (void)signal; _exit(33); }

int main(int argc, char **argv) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    alarm(60);
    file = argv[1];
    FILE *lost_file = tmpfile();
    lost = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(lost_file), 0);
    for (int i = 2; i < argc; i++) {
        int library = argv[i][1] - '0';
        pthread_t thread;
        struct sigaction action;
        memset(&action, 0, sizeof action);
        switch (argv[i][0]) {
        case '+':
            paths[count] = argv[i] + 1;
            libraries[count] = dlopen(paths[count], RTLD_NOW | RTLD_LOCAL);
            if (!libraries[count++]) { fprintf(stderr, "%s\n", dlerror()); return 2; }
            break;
        case '-': require(dlclose(libraries[library]), "dlclose"); break;
        case '?':
            printf("library %d %s\n", library,
                   dlopen(paths[library], RTLD_NOW | RTLD_NOLOAD) ? "stays" : "is gone");
            break;
        case 'u': use(library); break;
        case 't':
            require(pthread_create(&thread, NULL, use_and_end, (void *)(long)library), "thread");
            require(pthread_join(thread, NULL), "join");
            break;
        case 'h':
            pthread_barrier_init(&used, NULL, 2);
            require(pthread_create(&thread, NULL, use_and_stay, (void *)(long)library), "thread");
            pthread_barrier_wait(&used);
            break;
        case 'o':
            require(((int (*)(const char *, int)) find(library, "plugin_open"))(file, 100), "open");
            break;
        case 's':
            printf("status %d\n", ((int (*)(void)) find(library, "plugin_status"))());
            break;
        case 'c':
            action.sa_sigaction = passes_on;
            action.sa_flags = SA_SIGINFO | SA_ONSTACK;
            sigaction(SIGBUS, &action, &found);
            break;
        case 'e': action.sa_handler = ends; sigaction(SIGBUS, &action, NULL); break;
        case 'k': printf("the point is reached\n"); fflush(stdout); kill(getpid(), SIGBUS); break;
        case 'f': printf("the point is reached\n"); fflush(stdout); touch(NULL); break;
        case 'g':
            printf("the point is reached\n");
            fflush(stdout);
            require(pthread_create(&thread, NULL, touch, NULL), "thread");
            pthread_join(thread, NULL);
            break;
        }
    }
    return 0;
}
