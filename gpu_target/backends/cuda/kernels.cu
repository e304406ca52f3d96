// The kernels of the `cuda` backend: raw values to class ids, class ids to matches, matches to lanes. Integers only.
//
// Compiled as it stands by NVRTC (-std=c++17 --fmad=false), and by a C++ compiler for the processor in the tests. A
// kernel is found by its name; `device.py` lists them with the sizes of their blocks.
//
//   rank_keys        keys of an ordered column -> class ids
//   gather_codes     codes of a dictionary -> class ids
//   evaluate_nodes   inner nodes of nested conditions -> further columns of class ids, NODES_PER_COLUMN nodes in each
//   count_rules      matches of every rule
//   count_rows       matches of every rule and of every row
//   scan_rows        where each row's matches begin, within a run of SCAN rows
//   scan_totals      where each such run begins
//   write_rows       the matches of a window of rows, each row's in any order
//   sort_rows        each row's matches, ascending
//   decide_rows      score, relief and decisions of every row out of its matches
//
// Class ids are uint16 [column][row], `stride` rows apart. Rules stand in tiles of TILE slots; `rules` says which rule
// a slot holds. Rows are counted in 64 bits, so that neither rows x columns nor matches overflow.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#ifndef DYN_SHARED // the tests, which have no such memory, define it otherwise
#define DYN_SHARED(type, name) extern __shared__ type name[]
#endif

const int WARP = 32;
const u32 ALL = 0xFFFFFFFFu, NONE = 0xFFFFFFFFu;
const int THREADS = 256; // of a block, in every kernel
const int BLOCKS = 4; // that match on a multiprocessor at a time, as their shared memory has it
const int WARPS = THREADS / WARP;
const int WORD = 128; // rules in a uint4
const int ROW_BITS = 4;
const int ROWS = 1 << ROW_BITS; // that a warp matches at once
const int PER_ROW = WARP / ROWS; // threads that share a row, each with a word
const int TILE = PER_ROW * WORD;
const int PLANES = 5; // of the counters: they hold 31 rows
const int SCAN = 1024; // rows whose counts one block adds up
const int WINDOW = 512; // words of the bit set that sorts matches: 16,384 rules at a time
const int NODES_PER_COLUMN = 4; // 16 classes, so that a tile's table of them stays small

// -- class ids -------------------------------------------------------------------------------------------------------

enum Kind { I8, U8, I16, U16, I32, U32, I64, U64, REAL }; // REAL: the bits of IEEE binary64

__device__ __forceinline__ i64 load(const void *values, int kind, i64 i) {
    switch (kind) {
    case I8: return ((const signed char *)values)[i];
    case U8: return ((const u8 *)values)[i];
    case I16: return ((const short *)values)[i];
    case U16: return ((const u16 *)values)[i];
    case I32: return ((const int *)values)[i];
    case U32: return ((const u32 *)values)[i];
    default: return ((const i64 *)values)[i];
    }
}

__device__ __forceinline__ bool is_valid(const u8 *validity, i64 bit) { return validity[bit >> 3] >> (bit & 7) & 1; }

__device__ __forceinline__ i64 global_thread() { return (i64)blockIdx.x * THREADS + threadIdx.x; }

// The class of a key is that of its rank among the cuts: `class_of` has one class more than there are cuts. Keys are
// compared as signed numbers, so those of U64 have their highest bit turned, as their cuts have. A REAL becomes a key
// in the order of the numbers; -0 gets the key of 0, and NaN is NULL. `validity` is 0 where no row is NULL.
extern "C" __global__ void __launch_bounds__(THREADS) rank_keys(
    const void *keys, int kind, const u8 *validity, i64 bit, i64 n, const i64 *cuts, int n_cuts, const u16 *class_of,
    u32 null, u16 *out
) {
    const u64 sign = 1ull << 63;
    i64 row = global_thread();
    if (row >= n) return;
    i64 key = load(keys, kind, row);
    bool is_null = validity && !is_valid(validity, bit + row);
    if (kind == U64) key = (i64)((u64)key ^ sign);
    if (kind == REAL) {
        is_null |= ((u64)key & ~sign) > 0x7FF0000000000000ull;
        key ^= (key >> 63) & (i64)~sign;
        key += key == -1;
    }
    int low = 0, left = n_cuts; // cuts that may still be at or below the key: the rank lies in low .. low + left
    while (left > 0) {
        int middle = left >> 1;
        bool beyond = cuts[low + middle] <= key;
        low += beyond ? middle + 1 : 0;
        left = beyond ? left - middle - 1 : middle;
    }
    out[row] = is_null ? (u16)null : class_of[low];
}

// The class of a code is that of its entry. The codes of NULL rows are arbitrary, so they are bounded first.
extern "C" __global__ void __launch_bounds__(THREADS) gather_codes(
    const void *codes, int kind, const u8 *validity, i64 bit, i64 n, const u16 *table, i64 n_entries, u32 null, u16 *out
) {
    i64 row = global_thread();
    if (row >= n) return;
    u64 code = (u64)load(codes, kind, row);
    bool is_null = code >= (u64)n_entries || (validity && !is_valid(validity, bit + row));
    out[row] = is_null ? (u16)null : table[code];
}

// Nodes come after their operands. An operand below `n_leaves` is a leaf, a column with a bit set of its classes;
// others are nodes. Node k is bit k % NODES_PER_COLUMN of the ids in column first_column + k / NODES_PER_COLUMN. A
// thread owns its row, so it may read what it wrote.
extern "C" __global__ void __launch_bounds__(THREADS) evaluate_nodes(
    u16 *classes, i64 stride, i64 n, u32 first_column, u32 n_nodes, const u32 *is_and, const u32 *node_start,
    const u32 *operands, u32 n_leaves, const u32 *leaf_column, const u32 *leaf_bits, const u32 *bits
) {
    i64 row = global_thread();
    if (row >= n) return;
    u16 *nodes = classes + (i64)first_column * stride + row;
    for (u32 first = 0; first < n_nodes; first += NODES_PER_COLUMN) {
        u32 found = 0;
        for (u32 k = first; k < min(first + NODES_PER_COLUMN, n_nodes); ++k) {
            u32 decided = !is_and[k]; // the operand that leaves nothing open
            u32 value = !decided;
            for (u32 o = node_start[k]; o < node_start[k + 1] && value != decided; ++o) {
                u32 term = operands[o];
                if (term < n_leaves) {
                    u32 class_ = classes[(i64)leaf_column[term] * stride + row];
                    value = bits[leaf_bits[term] + (class_ >> 5)] >> (class_ & 31) & 1;
                } else {
                    u32 node = term - n_leaves;
                    u32 word = node >= first ? found : nodes[(i64)(node / NODES_PER_COLUMN) * stride];
                    value = word >> (node % NODES_PER_COLUMN) & 1;
                }
            }
            found |= value << (k - first);
        }
        nodes[(i64)(first / NODES_PER_COLUMN) * stride] = (u16)found;
    }
}

// -- matching --------------------------------------------------------------------------------------------------------

// Where a row's matches begin, counted from the first row of the batch.
__device__ __forceinline__ u64 row_start(const u64 *within, const u64 *totals, i64 row) {
    return totals[row / SCAN] + within[row];
}

__device__ __forceinline__ u32 word_of(uint4 words, int k) { // k is known to the compiler: no memory is indexed
    return k == 0 ? words.x : k == 1 ? words.y : k == 2 ? words.z : words.w;
}

__device__ __forceinline__ uint4 operator&(uint4 a, uint4 b) {
    return make_uint4(a.x & b.x, a.y & b.y, a.z & b.z, a.w & b.w);
}

__device__ __forceinline__ uint4 operator|(uint4 a, uint4 b) {
    return make_uint4(a.x | b.x, a.y | b.y, a.z | b.z, a.w | b.w);
}

__device__ __forceinline__ uint4 operator^(uint4 a, uint4 b) {
    return make_uint4(a.x ^ b.x, a.y ^ b.y, a.z ^ b.z, a.w ^ b.w);
}

__device__ __forceinline__ bool any(uint4 words) { return words.x | words.y | words.z | words.w; }

__device__ __forceinline__ u32 count_of(uint4 words) {
    return __popc(words.x) + __popc(words.y) + __popc(words.z) + __popc(words.w);
}

// One more row of hits into counters that lie across words: bit b of plane p is bit p of the count of rule b.
__device__ __forceinline__ void add_hits(uint4 (&planes)[PLANES], uint4 hits) {
#pragma unroll
    for (int p = 0; p < PLANES; ++p) {
        uint4 carry = planes[p] & hits;
        planes[p] = planes[p] ^ hits;
        if (!any(carry)) return;
        hits = carry;
    }
}

// Add the counters of a warp's rows to `counts`, one per slot of the tile, and clear them. The lanes' counters are
// added as they lie, 32 rules at once; only the sums become numbers, each lane making PER_ROW of 32.
__device__ __forceinline__ void flush_hits(uint4 (&planes)[PLANES], u32 *counts) {
    const int SUM_PLANES = PLANES + ROW_BITS;
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        u32 sum[SUM_PLANES], any = 0;
#pragma unroll
        for (int p = 0; p < PLANES; ++p) any |= sum[p] = word_of(planes[p], k);
        if (!__any_sync(ALL, any)) continue;
#pragma unroll
        for (int p = PLANES; p < SUM_PLANES; ++p) {
            int distance = PER_ROW << (p - PLANES);
            u32 carry = 0;
#pragma unroll
            for (int q = 0; q < p; ++q) {
                u32 other = __shfl_xor_sync(ALL, sum[q], distance);
                u32 all = (sum[q] & other) | (carry & (sum[q] | other));
                sum[q] ^= other ^ carry;
                carry = all;
            }
            sum[p] = carry;
        }
        int first = lane / PER_ROW * PER_ROW; // of the bits that this lane makes into numbers
#pragma unroll
        for (int i = 0; i < PER_ROW; ++i) {
            u32 count = 0;
#pragma unroll
            for (int p = 0; p < SUM_PLANES; ++p) count |= (sum[p] >> (first + i) & 1) << p;
            if (count) atomicAdd(counts + lane % PER_ROW * WORD + k * 32 + first + i, count);
        }
    }
#pragma unroll
    for (int p = 0; p < PLANES; ++p) planes[p] = make_uint4(0, 0, 0, 0);
}

// What a tile consists of, in units of 16 bytes from its start: PER_ROW words of the slots in use; `n_steps` steps; for
// every 32 steps a u32 of each slot, with the steps that ask anything of its rule; the steps' maps and tables.
//
// A step is (column, map, table, flags). The row's class in that column, through the map of classes, u16 from the start
// of the tile, where there is one, picks PER_ROW words of the table. Words are joined by OR up to the step that closes
// the clause, clauses by AND. Steps that dismiss most rules come first, so few rows need the later ones: the first
// `n_staged` units are brought to shared memory, and the rest is read where it is.
struct Tile {
    const uint4 *data, *staged, *steps; // all of it, what is in shared memory, and the steps in either
    u32 n_steps;
};
const u32 CLOSES = 1, STAGED = 2, NARROWS = 4; // flags of a step; STAGED: its map and table are among what is staged
const int FEW = 8; // rules of a lane, up to which it pays to look which steps they need

// Keep a value in a register: to save one, the compiler would work it out again at every step. The pointers may be into
// either memory; to choose between two ways of loading at every step would cost more than the longer way.
__device__ __forceinline__ void keep(int &value) { asm volatile("" : "+r"(value)); }
template <class T> __device__ __forceinline__ void keep(const T *&pointer) { asm volatile("" : "+l"(pointer)); }

__device__ __forceinline__ uint4 words_of(const uint4 *data, uint4 step, u32 class_, int part) {
    if (step.y != NONE) class_ = ((const u16 *)data)[step.y + class_];
    return data[step.z + class_ * PER_ROW + part];
}

// The steps, out of the 32 from `first` on, that the rules still alive need.
__device__ __forceinline__ u32 steps_of(const Tile &tile, u32 first, uint4 alive, int part) {
    const u32 *steps = (const u32 *)(tile.data + PER_ROW + tile.n_steps) + first / 32 * TILE + part * WORD;
    u32 found = 0;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        for (u32 word = word_of(alive, k); word; word &= word - 1) found |= steps[k * 32 + __ffs((int)word) - 1];
    }
    return found;
}

// `classes` are those of the row in the first column; the next column's are `column_bytes` further on.
__device__ __forceinline__ uint4 match_row(const Tile &tile, const u8 *classes, u32 column_bytes, int part) {
    uint4 alive = tile.data[part], clause = make_uint4(0, 0, 0, 0);
    for (u32 first = 0; first < tile.n_steps && any(alive); first += 32) {
        u32 left = ALL >> (32 - min(tile.n_steps - first, 32u));
        if (first && count_of(alive) <= FEW) left &= steps_of(tile, first, alive, part);
        for (; left; left &= left - 1) {
            uint4 step = tile.steps[first + __ffs((int)left) - 1];
            u32 class_ = *(const u16 *)(classes + (u64)step.x * column_bytes);
            uint4 words = words_of(step.w & STAGED ? tile.staged : tile.data, step, class_, part);
            clause = clause | words;
            if (!(step.w & CLOSES)) continue;
            alive = alive & clause;
            if (!any(alive)) break; // a warp is done when all of its lanes are
            if (step.w & NARROWS && count_of(alive) <= FEW) {
                left &= steps_of(tile, first, alive, part) | (left & (0u - left)); // this one, which the loop takes off
            }
            clause = make_uint4(0, 0, 0, 0);
        }
    }
    return alive;
}

__device__ __forceinline__ void write_hits(uint4 alive, const u32 *rules, u32 *out) {
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        for (u32 word = word_of(alive, k); word; word &= word - 1) *out++ = rules[k * 32 + __ffs((int)word) - 1];
    }
}

enum Mode { COUNT, COUNT_ROWS, WRITE };

// Blocks stand for (rows, tile): block x has the rows from first + x * block_rows, block y has tile y. `tiles` is
// (start, steps, units staged, 0) of each.
template <int MODE>
__device__ __forceinline__ void match(
    const u16 *classes, i64 stride, i64 first, i64 last, i64 block_rows, const uint4 *tiles, const uint4 *data,
    const u32 *rules, u64 *rule_count, u32 *row_count, const u64 *within, const u64 *totals, u64 base, u32 *hits
) {
    __shared__ u32 counts[TILE];
    DYN_SHARED(uint4, staged);
    uint4 place = tiles[blockIdx.y];
    const uint4 *all = data + place.x, *shared = staged;
    const uint4 *steps = (place.z < PER_ROW + place.y ? all : shared) + PER_ROW;
    keep(all), keep(shared), keep(steps);
    Tile tile = {all, shared, steps, place.y};
    rules += (i64)blockIdx.y * TILE;
    for (u32 i = threadIdx.x; i < place.z; i += THREADS) staged[i] = all[i];
    for (int i = threadIdx.x; i < TILE; i += THREADS) counts[i] = 0;
    __syncthreads();
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP, part = lane % PER_ROW;
    keep(part);
    i64 begin = first + (i64)blockIdx.x * block_rows, end = min(begin + block_rows, last);
    uint4 planes[PLANES];
#pragma unroll
    for (int p = 0; p < PLANES; ++p) planes[p] = make_uint4(0, 0, 0, 0);
    int held = 0; // rows in the counters; the same in all lanes
    for (i64 warp_row = begin + warp * ROWS; warp_row < end; warp_row += WARPS * ROWS) {
        i64 row = warp_row + lane / PER_ROW;
        uint4 alive = make_uint4(0, 0, 0, 0);
        const u8 *row_classes = (const u8 *)(classes + row);
        keep(row_classes);
        if (row < end) alive = match_row(tile, row_classes, (u32)stride * 2, part);
        if (any(alive)) {
            u32 n = count_of(alive);
            if (MODE == COUNT_ROWS) atomicAdd(row_count + row, n);
            if (MODE == WRITE) { // a row's count is used up from its end; whoever comes first, sorting makes order
                u32 left = atomicAdd(row_count + row, 0u - n) - n;
                write_hits(alive, rules + part * WORD, hits + (row_start(within, totals, row) - base + left));
            } else add_hits(planes, alive);
        }
        if (MODE != WRITE && ++held == (1 << PLANES) - 1) {
            flush_hits(planes, counts);
            held = 0;
        }
    }
    if (MODE == WRITE) return;
    if (held) flush_hits(planes, counts);
    __syncthreads();
    for (int i = threadIdx.x; i < TILE; i += THREADS) {
        if (counts[i]) atomicAdd(rule_count + rules[i], (u64)counts[i]);
    }
}

// BLOCKS is asked for, for the compiler otherwise spills registers on sm_120 to fit one block more.
#define MATCH_KERNEL(name, MODE)                                                                                      \
    extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) name(                                               \
        const u16 *classes, i64 stride, i64 first, i64 last, i64 block_rows, const uint4 *tiles, const uint4 *data,   \
        const u32 *rules, u64 *rule_count, u32 *row_count, const u64 *within, const u64 *totals, u64 base, u32 *hits  \
    ) {                                                                                                               \
        match<MODE>(                                                                                                  \
            classes, stride, first, last, block_rows, tiles, data, rules, rule_count, row_count, within, totals,      \
            base, hits                                                                                                \
        );                                                                                                            \
    }

MATCH_KERNEL(count_rules, COUNT)
MATCH_KERNEL(count_rows, COUNT_ROWS)
MATCH_KERNEL(write_rows, WRITE)

// -- where matches go ------------------------------------------------------------------------------------------------

__device__ __forceinline__ u64 warp_scan(u64 value) { // inclusive, over the lanes of a warp
    int lane = threadIdx.x % WARP;
#pragma unroll
    for (int distance = 1; distance < WARP; distance *= 2) {
        u64 below = __shfl_up_sync(ALL, value, distance);
        if (lane >= distance) value += below;
    }
    return value;
}

// The sum of `value` over the threads before this one; `total` receives that over all of the block.
__device__ __forceinline__ u64 block_scan(u64 value, u64 &total) {
    __shared__ u64 sums[WARPS];
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    u64 through = warp_scan(value), before = 0;
    if (lane == WARP - 1) sums[warp] = through;
    __syncthreads();
    total = 0;
    for (int w = 0; w < WARPS; ++w) {
        if (w == warp) before = total;
        total += sums[w];
    }
    __syncthreads(); // before the next call writes the sums again
    return before + through - value;
}

// Block x adds up the counts of rows x * SCAN .. : `within` u64[n + 1] receives where each row's matches begin in its
// run, `totals` how many the run has. The row after the last one counts as one without matches.
extern "C" __global__ void __launch_bounds__(THREADS) scan_rows(
    const u32 *row_count, i64 n, u64 *within, u64 *totals
) {
    const int EACH = SCAN / THREADS;
    i64 row = (i64)blockIdx.x * SCAN + threadIdx.x * EACH;
    u64 sum = 0, total;
    for (int i = 0; i < EACH; ++i) sum += row + i < n ? row_count[row + i] : 0;
    u64 at = block_scan(sum, total);
    for (int i = 0; i < EACH && row + i <= n; ++i) {
        within[row + i] = at;
        at += row + i < n ? row_count[row + i] : 0;
    }
    if (threadIdx.x == 0) totals[blockIdx.x] = total;
}

// One block. Totals become starts, in place; the sum of all comes after the last.
extern "C" __global__ void __launch_bounds__(THREADS) scan_totals(u64 *totals, i64 n_runs) {
    u64 carry = 0;
    for (i64 first = 0; first < n_runs; first += THREADS) {
        i64 run = first + threadIdx.x;
        u64 total, before = block_scan(run < n_runs ? totals[run] : 0, total);
        if (run < n_runs) totals[run] = carry + before;
        carry += total;
    }
    if (threadIdx.x == 0) totals[n_runs] = carry;
}

// A warp per row: `sorted` receives its matches, ascending. A bit set of WINDOW * 32 rules at a time; each of a row's
// rules is there once, so the set says all. The cost is linear in matches and in words of the set.
extern "C" __global__ void __launch_bounds__(THREADS) sort_rows(
    i64 first, i64 last, const u64 *within, const u64 *totals, u64 base, const u32 *hits, u32 *sorted, u32 n_rules
) {
    __shared__ u32 sets[WARPS][WINDOW];
    int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
    i64 row = first + (i64)blockIdx.x * WARPS + warp;
    if (row >= last) return; // a whole warp leaves, and nothing below waits for other warps
    u32 *set = sets[warp];
    u64 begin = row_start(within, totals, row) - base, end = row_start(within, totals, row + 1) - base;
    u64 at = begin;
    for (u32 low = 0; low < n_rules && at < end; low += WINDOW * 32) {
        u32 n_words = min((n_rules - low + 31) / 32, (u32)WINDOW);
        for (u32 i = lane; i < n_words; i += WARP) set[i] = 0;
        __syncwarp(ALL);
        for (u64 i = begin + lane; i < end; i += WARP) {
            u32 place = hits[i] - low; // rules below `low` become very large
            if (place < n_words * 32) atomicOr(set + place / 32, 1u << place % 32);
        }
        __syncwarp(ALL);
        u32 each = (n_words + WARP - 1) / WARP, from = min(lane * each, n_words), to = min(from + each, n_words);
        u32 count = 0;
        for (u32 i = from; i < to; ++i) count += __popc(set[i]);
        u64 through = warp_scan(count);
        u32 *out = sorted + at + (through - count);
        for (u32 i = from; i < to; ++i) {
            for (u32 word = set[i]; word; word &= word - 1) *out++ = low + i * 32 + __ffs((int)word) - 1;
        }
        at += __shfl_sync(ALL, through, WARP - 1);
        __syncwarp(ALL); // the set is read before the next window clears it
    }
}

// -- lanes -----------------------------------------------------------------------------------------------------------

// Philox4x32-10, the twin of selection/draws.py.
__device__ __forceinline__ u64 draw(u64 seed, u64 declaration, u64 rule) {
    u32 c0 = (u32)declaration, c1 = (u32)(declaration >> 32), c2 = (u32)rule, c3 = (u32)(rule >> 32);
    u32 k0 = (u32)seed, k1 = (u32)(seed >> 32);
    for (int round = 0; round < 10; ++round) {
        u32 high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        u32 high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (u64)c1 << 32 | c0;
}

__device__ __forceinline__ u32 warp_max(u32 value) {
#pragma unroll
    for (int distance = WARP / 2; distance; distance /= 2) {
        value = max(value, __shfl_xor_sync(ALL, value, distance));
    }
    return value;
}

// A warp per row, a lane per match: the score is the sum of weights, the relief the highest level, and the decision of
// each level of relief the greatest of (severity, position backwards) among the rules that select. Sums and maxima are
// those of any order. Arrays by rule are those of selection/policy.py.
extern "C" __global__ void __launch_bounds__(THREADS) decide_rows(
    i64 first, i64 last, const u64 *within, const u64 *totals, u64 base, const u32 *hits, u64 seed,
    const u64 *declarations, const u32 *severity, const i64 *weight, const u64 *rule_word, const u64 *threshold,
    const u8 *certain, const u16 *relief, int n_levels, u32 *decision, u16 *granted, i64 *score
) {
    int lane = threadIdx.x % WARP;
    i64 row = first + (i64)blockIdx.x * WARPS + threadIdx.x / WARP;
    if (row >= last) return;
    u64 begin = row_start(within, totals, row) - base, end = row_start(within, totals, row + 1) - base;
    for (int level = lane; level < n_levels; level += WARP) decision[row * n_levels + level] = 0;
    if (begin == end) { // most rows
        if (lane == 0) score[row] = granted[row] = 0;
        return;
    }
    __syncwarp(ALL);
    u64 sum = 0;
    u32 highest = 0;
    for (u64 from = begin; from < end; from += WARP) {
        bool is_hit = from + lane < end;
        u32 rule = is_hit ? hits[from + lane] : 0, value = 0;
        u64 drawn = 0;
        if (is_hit) {
            sum += (u64)weight[rule];
            highest = max(highest, (u32)relief[rule]);
            if (severity[rule]) {
                value = severity[rule] << 24 | (0xFFFFFF - rule);
                drawn = draw(seed, declarations[row], rule_word[rule]);
            }
        }
        for (int level = 0; level < n_levels; ++level) {
            i64 at = (i64)rule * n_levels + level;
            u32 best = warp_max(value && (certain[at] || drawn < threshold[at]) ? value : 0);
            if (lane == 0 && best > decision[row * n_levels + level]) decision[row * n_levels + level] = best;
        }
    }
    sum = warp_scan(sum);
    highest = warp_max(highest);
    if (lane == WARP - 1) {
        score[row] = (i64)sum;
        granted[row] = (u16)highest;
    }
}
