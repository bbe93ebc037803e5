/* A Llama generates text: every linear runs on the accelerator, the processor sleeps meanwhile and computes the rest in
 * software floating point. The workload of the scenario is `generate`; the text has to be the golden model's. At the
 * end it says how many instructions each kind of operator has taken. Argument "quiet": without the table. */
#include "flexcim_runtime.h"
#include "flexcim_soc.h"
#include "mmio_port.h"
#include "operators.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 16 };
enum { QUERY, KEY, VALUE, OUTPUT, GATE, UP, DOWN, LINEARS }; /* of a block */

static _Alignas(FLEXCIM_RING_ALIGNMENT) uint8_t ring[ENTRIES * FLEXCIM_DESCRIPTOR_BYTES];
static struct flexcim_slot slots[ENTRIES];
static struct flexcim_driver driver;

/* Kinds of operators as the simulator's native host has them (host_costs), and what is none of them. */
enum kind { EMBEDDING, NORM, ROPE, ATTENTION, SOFTMAX, ACTIVATION, ELEMENTWISE, HEAD, QUANTIZE, DEQUANTIZE, KINDS };
static const struct {
  const char* name;
  const char* unit;
} kinds[KINDS] = {{"embedding", "value"}, {"norm", "value"},       {"rope", "value"},        {"attention", "MAC"},
                  {"softmax", "score"},   {"activation", "value"}, {"elementwise", "value"}, {"head", "MAC"},
                  {"quantize", "value"},  {"dequantize", "value"}};
static struct {
  uint64_t units;
  uint64_t instructions;
} spent[KINDS];

/* Instructions from the last call, which belong to `kind`, or to nothing (KINDS). */
static void count(enum kind kind, uint64_t units) {
  static uint64_t last;
  const uint64_t now = flexcim_instructions();
  if (kind != KINDS) {
    spent[kind].units += units;
    spent[kind].instructions += now - last;
  }
  last = now;
}

/* The model with its state. */
struct llama {
  const struct flexcim_model* model;
  const float* norms;
  const float* cosines;
  const float* sines;
  float** keys; /* of each block: [position][kv_heads * head] */
  float** values;
  uint32_t length;  /* positions that they hold */
  float* stream;    /* [tokens][hidden] */
  float* normed;    /* [tokens][the most inputs of a linear] */
  float* query;     /* [tokens][heads * head] */
  float* gate;      /* [tokens][intermediate] */
  float* up;        /* [tokens][intermediate] */
  float* scores;    /* of one query, then logits */
  float* in_scales; /* of the linear's inputs, by token */
};

static const void* at(uint64_t address) { return (const void*)(uintptr_t)address; }

static void* allocate(size_t bytes) {
  void* const memory = malloc(bytes);
  if (memory == NULL) {
    printf("no memory for %u bytes\n", (unsigned)bytes);
    exit(3);
  }
  return memory;
}
static float* floats(uint32_t many) { return allocate(many * sizeof(float)); }

static void external_interrupt(void* soc) { (void)flexcim_soc_on_interrupt(soc); }

/* Puts `tokens` rows of x through linears [first, last] of a block, which see the same inputs. */
static void submit(const struct llama* llama, uint32_t block, uint32_t first, uint32_t last, const float* x,
                   uint32_t tokens, uint32_t* ticket) {
  for (uint32_t i = first; i <= last; ++i) {
    const struct flexcim_job* const job = flexcim_job((block * LINEARS) + i);
    struct flexcim_descriptor command = job->command;
    command.tokens = tokens;
    if (i == first) {
      for (uint32_t t = 0; t < tokens; ++t) {
        int8_t* const row = (int8_t*)(uintptr_t)(command.activations + (t * command.activation_stride));
        llama->in_scales[t] = quantize(x + (t * command.in), job->activation_scale, row, command.in);
      }
      count(QUANTIZE, (uint64_t)tokens * command.in);
    } else {
      command.activations = flexcim_job((block * LINEARS) + first)->command.activations;
    }
    if (flexcim_driver_submit(&driver, &command, NULL, NULL, ticket) != FLEXCIM_OK) {
      printf("%s is not accepted\n", (const char*)at(job->name));
      exit(2);
    }
  }
}

/* Sleeps until the command has ended; y: [tokens][out]. */
static void receive(const struct llama* llama, uint32_t block, uint32_t which, uint32_t ticket, uint32_t tokens,
                    float* y) {
  const struct flexcim_job* const job = flexcim_job((block * LINEARS) + which);
  const struct flexcim_descriptor* const command = &job->command;
  const bool enabled = flexcim_disable_interrupts();
  const enum flexcim_status status = flexcim_driver_wait(&driver, ticket, FLEXCIM_FOREVER);
  if (enabled) {
    flexcim_enable_interrupts();
  }
  if (status != FLEXCIM_OK) {
    printf("%s: status %d, error %" PRIu32 "\n", (const char*)at(job->name), (int)status, driver.error.code);
    exit(2);
  }
  count(KINDS, 0);
  for (uint32_t t = 0; t < tokens; ++t) {
    dequantize(at(command->outputs + (t * command->output_stride)), llama->in_scales[t], at(job->scales),
               y + (t * command->out), command->out);
  }
  count(DEQUANTIZE, (uint64_t)tokens * command->out);
}

static void norm(const struct llama* llama, uint32_t which, const float* x, float* y, uint32_t tokens) {
  const struct flexcim_model* const model = llama->model;
  for (uint32_t t = 0; t < tokens; ++t) {
    rms_norm(x + (t * model->hidden), llama->norms + (which * model->hidden), model->epsilon, y + (t * model->hidden),
             model->hidden);
  }
  count(NORM, (uint64_t)tokens * model->hidden);
}

/* Turns every head of `tokens` rows of x, the first at position llama->length. */
static void rope(const struct llama* llama, float* x, uint32_t heads, uint32_t tokens) {
  const uint32_t half = llama->model->head / 2u;
  for (uint32_t t = 0; t < tokens; ++t) {
    const uint32_t position = llama->length + t;
    for (uint32_t h = 0; h < heads; ++h) {
      rotate(x + (((t * heads) + h) * llama->model->head), llama->cosines + (position * half),
             llama->sines + (position * half), half);
    }
  }
  count(ROPE, (uint64_t)tokens * heads * llama->model->head);
}

/* Queries of `tokens` rows look at all positions up to their own; y: [tokens][heads * head]. */
static void attend(const struct llama* llama, uint32_t block, float* y, uint32_t tokens) {
  const struct flexcim_model* const model = llama->model;
  const uint32_t row = model->kv_heads * model->head;
  const float scale = 1.0f / sqrtf((float)model->head);
  for (uint32_t t = 0; t < tokens; ++t) {
    const uint32_t visible = llama->length + t + 1u;
    for (uint32_t h = 0; h < model->heads; ++h) {
      const uint32_t first = (h / (model->heads / model->kv_heads)) * model->head;
      const uint32_t place = ((t * model->heads) + h) * model->head;
      for (uint32_t s = 0; s < visible; ++s) {
        llama->scores[s] = dot(llama->query + place, llama->keys[block] + (s * row) + first, 1u, model->head);
      }
      count(ATTENTION, (uint64_t)visible * model->head);
      softmax(llama->scores, visible, scale);
      count(SOFTMAX, visible);
      for (uint32_t i = 0; i < model->head; ++i) {
        y[place + i] = dot(llama->scores, llama->values[block] + first + i, row, visible);
      }
      count(ATTENTION, (uint64_t)visible * model->head);
    }
  }
}

static void run_block(const struct llama* llama, uint32_t block, uint32_t tokens) {
  const struct flexcim_model* const model = llama->model;
  const uint32_t stream = tokens * model->hidden;
  const uint32_t row = model->kv_heads * model->head;
  uint32_t last = 0; /* ticket of the last command of a group; tickets count */

  norm(llama, 2u * block, llama->stream, llama->normed, tokens);
  submit(llama, block, QUERY, VALUE, llama->normed, tokens, &last);
  float* const keys = llama->keys[block] + (llama->length * row);
  receive(llama, block, QUERY, last - 2u, tokens, llama->query);
  rope(llama, llama->query, model->heads, tokens);
  receive(llama, block, KEY, last - 1u, tokens, keys);
  rope(llama, keys, model->kv_heads, tokens);
  receive(llama, block, VALUE, last, tokens, llama->values[block] + (llama->length * row));
  attend(llama, block, llama->normed, tokens);
  submit(llama, block, OUTPUT, OUTPUT, llama->normed, tokens, &last);
  receive(llama, block, OUTPUT, last, tokens, llama->normed);
  add(llama->stream, llama->normed, stream);
  count(ELEMENTWISE, stream);

  norm(llama, (2u * block) + 1u, llama->stream, llama->normed, tokens);
  submit(llama, block, GATE, UP, llama->normed, tokens, &last);
  receive(llama, block, GATE, last - 1u, tokens, llama->gate);
  silu(llama->gate, tokens * model->intermediate);
  count(ACTIVATION, (uint64_t)tokens * model->intermediate);
  receive(llama, block, UP, last, tokens, llama->up);
  multiply(llama->gate, llama->up, tokens * model->intermediate);
  count(ELEMENTWISE, (uint64_t)tokens * model->intermediate);
  submit(llama, block, DOWN, DOWN, llama->gate, tokens, &last);
  receive(llama, block, DOWN, last, tokens, llama->normed);
  add(llama->stream, llama->normed, stream);
  count(ELEMENTWISE, stream);
}

/* Reads `tokens` of them, returns the next. */
static int32_t next_token(struct llama* llama, const int32_t* input, uint32_t tokens) {
  const struct flexcim_model* const model = llama->model;
  const float* const embedding = at(model->embedding);
  const float* const head = at(model->output_head);
  count(KINDS, 0);
  for (uint32_t t = 0; t < tokens; ++t) {
    (void)memcpy(llama->stream + (t * model->hidden), embedding + ((uint32_t)input[t] * model->hidden),
                 model->hidden * sizeof(float));
  }
  count(EMBEDDING, (uint64_t)tokens * model->hidden);
  for (uint32_t block = 0; block < model->layers; ++block) {
    run_block(llama, block, tokens);
  }
  llama->length += tokens;
  norm(llama, 2u * model->layers, llama->stream + ((tokens - 1u) * model->hidden), llama->normed, 1u);
  for (uint32_t v = 0; v < model->vocabulary; ++v) {
    llama->scores[v] = dot(llama->normed, head + (v * model->hidden), 1u, model->hidden);
  }
  count(HEAD, (uint64_t)model->vocabulary * model->hidden);
  return (int32_t)largest(llama->scores, model->vocabulary);
}

static uint32_t larger(uint32_t a, uint32_t b) { return (a > b) ? a : b; }

static void prepare(struct llama* llama, const struct flexcim_model* model) {
  const uint32_t tokens = model->prompt_tokens;
  const uint32_t positions = tokens + model->new_tokens;
  const uint32_t queries = model->heads * model->head;
  llama->model = model;
  llama->norms = at(model->norms);
  llama->cosines = at(model->cosines);
  llama->sines = at(model->sines);
  llama->length = 0;
  llama->keys = allocate(model->layers * sizeof(float*));
  llama->values = allocate(model->layers * sizeof(float*));
  for (uint32_t block = 0; block < model->layers; ++block) {
    llama->keys[block] = floats(positions * model->kv_heads * model->head);
    llama->values[block] = floats(positions * model->kv_heads * model->head);
  }
  llama->stream = floats(tokens * model->hidden);
  llama->normed = floats(tokens * larger(model->hidden, queries));
  llama->query = floats(tokens * queries);
  llama->gate = floats(tokens * model->intermediate);
  llama->up = floats(tokens * model->intermediate);
  llama->scores = floats(larger(positions, model->vocabulary));
  llama->in_scales = floats(tokens);
}

static bool ends_text(const struct flexcim_model* model, int32_t token) {
  const int32_t* const ends = at(model->ends);
  for (uint32_t i = 0; i < model->end_tokens; ++i) {
    if (ends[i] == token) {
      return true;
    }
  }
  return false;
}

static void print_table(uint64_t all) {
  uint64_t rest = all;
  printf("%-12s %12s %14s  instructions each\n", "", "amount", "instructions");
  for (uint32_t kind = 0; kind < KINDS; ++kind) {
    const uint64_t units = (spent[kind].units > 0u) ? spent[kind].units : 1u;
    const uint64_t tenths = ((10u * spent[kind].instructions) + (units / 2u)) / units;
    printf("%-12s %12" PRIu64 " %14" PRIu64 "  %" PRIu64 ".%" PRIu64 " per %s\n", kinds[kind].name, spent[kind].units,
           spent[kind].instructions, tenths / 10u, tenths % 10u, kinds[kind].unit);
    rest -= spent[kind].instructions;
  }
  printf("%-12s %12s %14" PRIu64 "  driver, interrupts, printing\n", "the rest", "", rest);
}

int main(int argc, char** argv) {
  const struct flexcim_boot* const boot = flexcim_boot();
  if ((boot == NULL) || (boot->model == 0u)) {
    printf("no model: the scenario's workload has to be generate\n");
    return 3;
  }
  const struct flexcim_model* const model = at(boot->model);
  const struct flexcim_port port = flexcim_mmio_port();
  static struct flexcim_soc soc;
  soc.port = &port;
  soc.driver = &driver;
  const struct flexcim_config config = {.registers = FLEXCIM_BASE,
                                        .ring = (uintptr_t)ring,
                                        .entries = ENTRIES,
                                        .slots = slots,
                                        .interrupts = true,
                                        .time = flexcim_soc_time,
                                        .idle = flexcim_soc_idle,
                                        .context = &soc};
  if ((flexcim_driver_init(&driver, &port, &config) != FLEXCIM_OK) || (flexcim_driver_start(&driver) != FLEXCIM_OK)) {
    printf("the accelerator does not start\n");
    return 3;
  }
  flexcim_soc_enable_interrupts(&soc, 1u << FLEXCIM_INTERRUPT);
  flexcim_set_interrupt_handler(FLEXCIM_LINE_EXTERNAL, external_interrupt, &soc);

  const uint64_t first_instruction = flexcim_instructions();
  struct llama llama;
  prepare(&llama, model);
  const int32_t* input = at(model->prompt);
  int32_t* const generated = (int32_t*)(uintptr_t)model->generated;
  const int32_t* const expected = at(model->expected);
  uint32_t tokens = model->prompt_tokens;
  uint32_t made = 0;
  uint32_t wrong = 0;
  bool ended = false;
  while (!ended && (made < model->new_tokens)) {
    generated[made] = next_token(&llama, input, tokens);
    if (model->vocabulary <= 256u) {
      (void)putchar(generated[made]);
    } else {
      printf("%" PRId32 " ", generated[made]);
    }
    if ((made >= model->expected_tokens) || (generated[made] != expected[made])) {
      ++wrong;
    }
    ended = ends_text(model, generated[made]);
    input = &generated[made];
    tokens = 1;
    ++made;
  }
  printf("\n%" PRIu32 " tokens, %" PRIu32 " of them not the golden model's\n", made, wrong);
  if ((argc < 2) || (strcmp(argv[1], "quiet") != 0)) {
    print_table(flexcim_instructions() - first_instruction);
  }
  return ((wrong == 0u) && (made == model->expected_tokens)) ? 0 : 1;
}
