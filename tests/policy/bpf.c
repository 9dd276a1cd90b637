#include "tests/policy/bpf.h"

#include <stdlib.h>

static bool valid_jump(const struct sock_filter *at, size_t left)
{
    if (BPF_OP(at->code) == BPF_JA)
        return at->code == (BPF_JMP | BPF_JA) && at->k < left;
    switch (at->code) {
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
        return at->jt < left && at->jf < left;
    default:
        return false;
    }
}

static bool valid_alu(const struct sock_filter *at)
{
    switch (BPF_OP(at->code)) {
    case BPF_ADD:
    case BPF_SUB:
    case BPF_MUL:
    case BPF_AND:
    case BPF_OR:
    case BPF_XOR:
    case BPF_NEG:
        return true;
    case BPF_DIV:
        return BPF_SRC(at->code) == BPF_X || at->k != 0;
    case BPF_LSH:
    case BPF_RSH:
        return BPF_SRC(at->code) == BPF_X || at->k < 32;
    default:
        return false;
    }
}

/* `left`: the instructions behind this one. */
static bool valid_at(const struct sock_filter *at, size_t left)
{
    switch (BPF_CLASS(at->code)) {
    case BPF_LD:
        if (at->code == (BPF_LD | BPF_W | BPF_ABS))
            return at->k % 4 == 0 && at->k < sizeof(struct seccomp_data);
        if (at->code == (BPF_LD | BPF_MEM))
            return at->k < BPF_MEMWORDS;
        return at->code == (BPF_LD | BPF_IMM) ||
               at->code == (BPF_LD | BPF_W | BPF_LEN);
    case BPF_LDX:
        if (at->code == (BPF_LDX | BPF_MEM))
            return at->k < BPF_MEMWORDS;
        return at->code == (BPF_LDX | BPF_IMM) ||
               at->code == (BPF_LDX | BPF_W | BPF_LEN);
    case BPF_ST:
    case BPF_STX:
        return (at->code == BPF_ST || at->code == BPF_STX) &&
               at->k < BPF_MEMWORDS;
    case BPF_ALU:
        return valid_alu(at);
    case BPF_JMP:
        return valid_jump(at, left);
    case BPF_RET:
        return at->code == (BPF_RET | BPF_K) || at->code == (BPF_RET | BPF_A);
    default:
        return at->code == (BPF_MISC | BPF_TAX) ||
               at->code == (BPF_MISC | BPF_TXA);
    }
}

bool bpf_valid(const struct sock_filter *code, size_t count)
{
    size_t i;

    if (count == 0 || count > BPF_MAXINSNS ||
        BPF_CLASS(code[count - 1].code) != BPF_RET)
        return false;
    for (i = 0; i < count; i += 1) {
        if (!valid_at(&code[i], count - i - 1))
            return false;
    }
    return true;
}

/* struct seccomp_data as 32-bit words, little-endian machines' low first,
 * from the members: no view of its bytes as another type. */
static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word = (offset - 16) / 4;
    uint64_t value;

    switch (offset) {
    case 0:
        return (uint32_t)data->nr;
    case 4:
        return data->arch;
    case 8:
        return (uint32_t)data->instruction_pointer;
    case 12:
        return (uint32_t)(data->instruction_pointer >> 32);
    default:
        value = data->args[word / 2];
        return (uint32_t)(word % 2 == 0 ? value : value >> 32);
    }
}

static uint32_t alu(uint16_t code, uint32_t a, uint32_t b)
{
    switch (BPF_OP(code)) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_DIV:
        return b == 0 ? 0 : a / b;
    case BPF_AND:
        return a & b;
    case BPF_OR:
        return a | b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return a << (b & 31);
    case BPF_RSH:
        return a >> (b & 31);
    default:
        return 0U - a;
    }
}

static bool jumps(uint16_t code, uint32_t a, uint32_t b)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == b;
    case BPF_JGT:
        return a > b;
    case BPF_JGE:
        return a >= b;
    default:
        return (a & b) != 0;
    }
}

uint32_t bpf_run(const struct sock_filter *code, size_t count,
                 const struct seccomp_data *data)
{
    uint32_t memory[BPF_MEMWORDS] = {0};
    uint32_t a = 0;
    uint32_t x = 0;
    const struct sock_filter *at;
    uint32_t operand;
    size_t i;

    for (i = 0; i < count; i += 1) { /* jumps only lead forward */
        at = &code[i];
        operand = BPF_SRC(at->code) == BPF_X ? x : at->k;
        switch (BPF_CLASS(at->code)) {
        case BPF_LD:
            a = BPF_MODE(at->code) == BPF_ABS   ? load(data, at->k)
                : BPF_MODE(at->code) == BPF_MEM ? memory[at->k]
                : BPF_MODE(at->code) == BPF_LEN ? (uint32_t)sizeof(*data)
                                                : at->k;
            break;
        case BPF_LDX:
            x = BPF_MODE(at->code) == BPF_MEM   ? memory[at->k]
                : BPF_MODE(at->code) == BPF_LEN ? (uint32_t)sizeof(*data)
                                                : at->k;
            break;
        case BPF_ST:
            memory[at->k] = a;
            break;
        case BPF_STX:
            memory[at->k] = x;
            break;
        case BPF_ALU:
            a = alu(at->code, a, operand);
            break;
        case BPF_JMP:
            if (BPF_OP(at->code) == BPF_JA)
                i += at->k;
            else
                i += jumps(at->code, a, operand) ? at->jt : at->jf;
            break;
        case BPF_RET:
            return BPF_RVAL(at->code) == BPF_A ? a : at->k;
        default:
            if (BPF_MISCOP(at->code) == BPF_TAX)
                x = a;
            else
                a = x;
        }
    }
    abort(); /* a valid program ends in a return */
}

uint32_t bpf_run_stack(const struct sock_fprog *const *programs, size_t count,
                       const struct seccomp_data *data)
{
    uint32_t strictest = SECCOMP_RET_ALLOW;
    uint32_t verdict;
    size_t i;

    for (i = count; i > 0; i -= 1) {
        verdict = bpf_run(programs[i - 1]->filter, programs[i - 1]->len, data);
        /* The kernel compares actions as signed numbers: killing the process
         * is the most negative. */
        if ((int32_t)(verdict & SECCOMP_RET_ACTION_FULL) <
            (int32_t)(strictest & SECCOMP_RET_ACTION_FULL))
            strictest = verdict;
    }
    return strictest;
}
