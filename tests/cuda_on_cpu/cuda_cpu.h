// CUDA C++ as a C++ compiler for x86-64 understands it, for the kernels of gpu_target.
//
// Every thread of a block is a fiber with a stack of its own. A fiber runs until it waits for others or ends; the
// scheduler then resumes the next one of its warp that may go on, and turns to another warp when none may. Lanes, warps
// and blocks have their turns in one of three orders. Blocks run one after another and meet shared memory full of
// rubbish. A barrier that not all reach, and collectives of a warp that do not meet, are reported instead of hanging.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

struct alignas(16) uint4 { unsigned x, y, z, w; };
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
struct Index { unsigned x, y, z; };

#define __global__
#define __device__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static __attribute__((section("cuda_shared"))) // one block at a time, so it may be static
#define DYN_SHARED(type, name) type *name = (type *)emulated::dynamic_shared

extern "C" char __start_cuda_shared[], __stop_cuda_shared[]; // which the linker supplies
extern "C" void emulated_switch(void **save, void *load);
asm(R"(
.text
.globl emulated_switch
.hidden emulated_switch
emulated_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
)");

namespace emulated {

const size_t STACK = 128 * 1024;
const unsigned MOST_THREADS = 1024, WARP_SIZE = 32;

struct Fiber {
    void *stack_pointer;
    unsigned number;
    const unsigned *gate; // it may go on when this is not `seen`
    unsigned seen;
};

struct Warp {
    unsigned round = 0, arrived = 0, kind = 0;
    uint64_t values[2][WARP_SIZE]; // two, so that a fast thread's next value does not overwrite one still unread
};

static Fiber fibers[MOST_THREADS];
static char *stacks;
static void *home;
static Fiber *current;
static Index block_index, block_size, grid_size;
static char *dynamic_shared;
static unsigned alive, waiting, block_round;
static Warp warps[MOST_THREADS / WARP_SIZE];
static void (*body)(void **);
static void **body_arguments;
static std::string failure;
static bool failed; // the current block
static const unsigned OPEN = 1, SHUT = 0; // gates of a fiber that may go on, and of one that is done; `seen` is 0

static void leave() { emulated_switch(&current->stack_pointer, home); }

static void wait_at(const unsigned *gate) {
    current->gate = gate;
    current->seen = *gate;
    leave();
}

[[noreturn]] static void fail(const std::string &why) {
    failure = why + ", thread " + std::to_string(current->number);
    failed = true;
    for (;;) leave(); // never resumed
}

static void release_block() {
    waiting = 0;
    ++block_round;
}

static void meet_block() {
    if (++waiting == alive) release_block();
    else wait_at(&block_round);
}

// Deposit a value, wait for the whole warp; the values of all.
static const uint64_t *meet_warp(unsigned mask, unsigned kind, uint64_t value) {
    Warp &warp = warps[current->number / WARP_SIZE];
    if (mask != 0xFFFFFFFFu) fail("a collective of a part of a warp");
    if (warp.arrived && warp.kind != kind) fail("different collectives meet in a warp");
    uint64_t *values = warp.values[warp.round & 1];
    values[current->number % WARP_SIZE] = value;
    warp.kind = kind;
    warp.arrived |= 1u << current->number % WARP_SIZE;
    if (warp.arrived == mask) {
        warp.arrived = 0;
        ++warp.round;
    } else wait_at(&warp.round);
    return values;
}

static void run_fiber() {
    body(body_arguments);
    current->gate = &SHUT;
    current->seen = 0;
    if (--alive && waiting == alive) release_block();
    for (;;) leave();
}

static uint64_t random_state;
static uint64_t random_number() { // xorshift64*
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545F4914F6CDD1Dull;
}

// 0, 1, 2 ..; backwards; or shuffled.
static std::vector<uint64_t> ordered(uint64_t n, int order) {
    std::vector<uint64_t> found(n);
    for (uint64_t i = 0; i < n; ++i) found[i] = order == 1 ? n - 1 - i : i;
    if (order == 2) {
        for (uint64_t i = n; i > 1; --i) std::swap(found[i - 1], found[random_number() % i]);
    }
    return found;
}

__attribute__((no_sanitize("address"))) static void poison_shared() {
    for (volatile char *each = __start_cuda_shared; each < __stop_cuda_shared; ++each) *each = (char)0xA5;
}

static void prepare(Fiber &fiber, unsigned number) {
    // not all at the same distance, which would put what the fibers use into the same few lines of the cache
    void **top = (void **)(stacks + (number + 1) * STACK - number % 61 * 320);
    *--top = nullptr; // so that the stack is aligned as after a call
    *--top = (void *)run_fiber;
    for (int i = 0; i < 6; ++i) *--top = nullptr;
    fiber = {top, number, &OPEN, 0};
}

// Resume every fiber of a warp that may go on, until none may. False where none could.
static bool run_warp(unsigned warp, const std::vector<uint64_t> &lanes) {
    bool any = false;
    for (bool progress = true; progress && !failed; any |= progress) {
        progress = false;
        for (uint64_t lane : lanes) {
            Fiber &fiber = fibers[warp * WARP_SIZE + lane];
            if (*fiber.gate == fiber.seen) continue;
            current = &fiber;
            progress = true;
            emulated_switch(&home, fiber.stack_pointer);
            if (failed) break;
        }
    }
    return any;
}

// Warps go as far ahead of each other as barriers let them.
static void run_block(const std::vector<uint64_t> &turns, const std::vector<uint64_t> &lanes) {
    for (unsigned i = 0; i < block_size.x; ++i) prepare(fibers[i], i);
    for (auto &warp : warps) warp = Warp();
    alive = block_size.x;
    waiting = block_round = 0;
    failed = false;
    while (alive && !failed) {
        bool progress = false;
        for (uint64_t warp : turns) progress |= run_warp((unsigned)warp, lanes);
        if (!progress && alive && !failed) {
            failure = "a barrier or a collective that not all threads reach";
            return;
        }
    }
}

template <class... A, size_t... I>
static void call(void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
    kernel(*(A *)arguments[I]...);
}

template <class... A> static std::vector<size_t> sizes_of(void (*)(A...)) { return {sizeof(A)...}; }
template <class... A> static void call_all(void (*kernel)(A...), void **arguments) {
    call(kernel, arguments, std::index_sequence_for<A...>());
}

struct Kernel {
    const char *name;
    void (*body)(void **);
    std::vector<size_t> sizes;
};
#define KERNEL(name) {#name, [](void **a) { emulated::call_all(name, a); }, emulated::sizes_of(name)}

// Why the launch failed, or null. `sizes` are the bytes of the arguments, which have to be those of the parameters.
static const char *launch(
    const Kernel *kernels, size_t n_kernels, const char *name, unsigned grid_x, unsigned grid_y, unsigned threads,
    size_t shared, void **arguments, const size_t *sizes, size_t n_arguments, int order, uint64_t seed
) {
    const Kernel *kernel = nullptr;
    for (size_t i = 0; i < n_kernels; ++i) {
        if (!strcmp(kernels[i].name, name)) kernel = kernels + i;
    }
    failure.clear();
    if (!kernel) failure = std::string("no kernel ") + name;
    else if (kernel->sizes != std::vector<size_t>(sizes, sizes + n_arguments)) failure = "arguments of other sizes";
    else if (!grid_x || !grid_y || grid_y > 65535 || threads % WARP_SIZE || threads > MOST_THREADS) {
        failure = "a grid that no card accepts";
    }
    if (!failure.empty()) return failure.c_str();
    if (!stacks) stacks = (char *)aligned_alloc(4096, MOST_THREADS * STACK);
    random_state = seed * 2 + 1;
    block_size = {threads, 1, 1};
    grid_size = {grid_x, grid_y, 1};
    body = kernel->body;
    body_arguments = arguments;
    dynamic_shared = (char *)malloc(shared); // of exactly that size, so that a sanitizer sees what lies beyond
    auto turns = ordered(threads / WARP_SIZE, order), lanes = ordered(WARP_SIZE, order);
    for (uint64_t block : ordered((uint64_t)grid_x * grid_y, order)) {
        block_index = {(unsigned)(block % grid_x), (unsigned)(block / grid_x), 0};
        poison_shared();
        memset(dynamic_shared, 0xA5, shared);
        run_block(turns, lanes);
        if (!failure.empty()) break;
    }
    free(dynamic_shared);
    if (!failure.empty()) failure = std::string(name) + ": " + failure;
    return failure.empty() ? nullptr : failure.c_str();
}

} // namespace emulated

#define threadIdx (Index{emulated::current->number, 0, 0})
#define blockIdx emulated::block_index
#define blockDim emulated::block_size
#define gridDim emulated::grid_size

static inline void __syncthreads() { emulated::meet_block(); }
static inline void __syncwarp(unsigned mask) { emulated::meet_warp(mask, 1, 0); }
static inline int __any_sync(unsigned mask, int predicate) {
    const uint64_t *values = emulated::meet_warp(mask, 2, predicate != 0);
    uint64_t any = 0;
    for (unsigned i = 0; i < emulated::WARP_SIZE; ++i) any |= values[i];
    return any != 0;
}
template <class T> static inline T __shfl_sync(unsigned mask, T value, int source) {
    return (T)emulated::meet_warp(mask, 3, value)[source % emulated::WARP_SIZE];
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int distance) {
    unsigned lane = emulated::current->number % emulated::WARP_SIZE;
    return (T)emulated::meet_warp(mask, 4, value)[lane ^ distance];
}
template <class T> static inline T __shfl_up_sync(unsigned mask, T value, unsigned distance) {
    unsigned lane = emulated::current->number % emulated::WARP_SIZE;
    return (T)emulated::meet_warp(mask, 5, value)[lane < distance ? lane : lane - distance];
}
template <class T> static inline T atomicAdd(T *at, T value) {
    T before = *at;
    *at = before + value;
    return before;
}
static inline unsigned atomicOr(unsigned *at, unsigned value) {
    unsigned before = *at;
    *at |= value;
    return before;
}
static inline int __popc(unsigned word) { return __builtin_popcount(word); }
static inline int __ffs(int word) { return __builtin_ffs(word); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (uint64_t)a * b >> 32; }
template <class T> static inline T min(T a, T b) { return b < a ? b : a; }
template <class T> static inline T max(T a, T b) { return a < b ? b : a; }
