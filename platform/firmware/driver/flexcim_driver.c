#include "flexcim_driver.h"

#include <stddef.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "struct flexcim_descriptor is a command as the accelerator reads it, which is little endian"
#endif
_Static_assert(sizeof(struct flexcim_descriptor) == FLEXCIM_DESCRIPTOR_BYTES, "size of a descriptor");

static uint32_t get(const struct flexcim_driver* driver, uint32_t offset) {
  return driver->port->read32(driver->port->context, driver->config.registers + offset);
}

static void set(const struct flexcim_driver* driver, uint32_t offset, uint32_t value) {
  driver->port->write32(driver->port->context, driver->config.registers + offset, value);
}

static void barrier(const struct flexcim_driver* driver) { driver->port->barrier(driver->port->context); }

/* Where a command lies in the ring. */
static uint32_t ring_index(const struct flexcim_driver* driver, uint32_t ticket) {
  return (ticket - driver->origin) & (driver->config.entries - 1u);
}

static struct flexcim_slot* slot_of(const struct flexcim_driver* driver, uint32_t ticket) {
  return &driver->config.slots[ticket & (driver->config.entries - 1u)];
}

/* How many commands the one at `index` of the ring is behind the oldest in flight. */
static uint32_t behind_oldest(const struct flexcim_driver* driver, uint32_t index) {
  return (index - ring_index(driver, driver->ended)) & (driver->config.entries - 1u);
}

static void write_descriptor(const struct flexcim_driver* driver, uint32_t ticket) {
  const uint64_t place = (uint64_t)ring_index(driver, ticket) * FLEXCIM_DESCRIPTOR_BYTES;
  driver->port->write(driver->port->context, driver->config.ring + place, &slot_of(driver, ticket)->descriptor,
                      FLEXCIM_DESCRIPTOR_BYTES);
}

/* The oldest command in flight has ended. */
static void end_oldest(struct flexcim_driver* driver, enum flexcim_status outcome, uint32_t error) {
  const uint32_t ticket = driver->ended;
  struct flexcim_slot* const slot = slot_of(driver, ticket);
  flexcim_callback* const callback = slot->callback;
  void* const context = slot->context;
  slot->outcome = outcome;
  driver->ended = ticket + 1u;
  if (callback != NULL) {
    callback(context, ticket, outcome, error);
  }
}

static void lose(struct flexcim_driver* driver, uint32_t code, uint64_t address) {
  driver->error.code = code;
  driver->error.address = address;
  driver->state = FLEXCIM_IS_LOST;
}

/* Ends the commands that the accelerator's error leaves behind: the good ones, and the one to blame. Of `done` commands
 * it is known that they have ended. Returns whether the accelerator goes on. */
static bool end_with_error(struct flexcim_driver* driver, uint32_t done) {
  const uint32_t code = get(driver, FLEXCIM_ERROR_CODE);
  const uint32_t low = get(driver, FLEXCIM_ERROR_ADDRESS_LO);
  const uint64_t address = ((uint64_t)get(driver, FLEXCIM_ERROR_ADDRESS_HI) << 32) | low;
  const uint64_t place = address - driver->config.ring;
  const bool of_ring = (code == FLEXCIM_ERROR_BAD_RING) || (code == FLEXCIM_ERROR_BAD_DOORBELL);
  uint32_t good = done;
  bool lost = of_ring;
  if (!of_ring) {
    const uint32_t index = (uint32_t)(place / FLEXCIM_DESCRIPTOR_BYTES) & (driver->config.entries - 1u);
    lost = (place != (uint64_t)index * FLEXCIM_DESCRIPTOR_BYTES) ||
           (behind_oldest(driver, index) >= flexcim_driver_in_flight(driver));
    good = lost ? done : behind_oldest(driver, index);
  }
  for (uint32_t i = 0u; i < good; ++i) {
    end_oldest(driver, FLEXCIM_OK, FLEXCIM_ERROR_NONE);
  }
  if (lost) {
    lose(driver, code, address);
    return false;
  }
  driver->error.code = code;
  driver->error.address = address;
  driver->error.ticket = driver->ended;
  /* It is not halted where memory lost the flag STOP together with what made the command fail. */
  const bool halted = (get(driver, FLEXCIM_STATUS) & FLEXCIM_STATUS_HALTED_MASK) != 0u;
  if (halted) {
    driver->state = FLEXCIM_IS_HALTED;
  }
  end_oldest(driver, FLEXCIM_COMMAND_FAILED, code);
  return !halted;
}

/* Ends the commands that the accelerator has left behind. `causes`: what of IRQ_STATUS has been cleared before. Returns
 * whether to look again. */
static bool end_commands(struct flexcim_driver* driver, uint32_t causes) {
  const uint32_t head = get(driver, FLEXCIM_RING_HEAD);
  uint32_t error = causes & FLEXCIM_IRQ_STATUS_ERROR_MASK;
  if (error == 0u) {
    /* A command that failed after `causes` may lie before this head; all that lie before it and failed show here. */
    error = get(driver, FLEXCIM_IRQ_STATUS) & FLEXCIM_IRQ_STATUS_ERROR_MASK;
    if (error != 0u) {
      set(driver, FLEXCIM_IRQ_STATUS, error);
    }
  }
  barrier(driver); /* outputs are read after the head that says that they are there */
  const uint32_t done = behind_oldest(driver, head);
  if ((head >= driver->config.entries) || (done > flexcim_driver_in_flight(driver))) {
    lose(driver, FLEXCIM_ERROR_NONE, 0u);
    return false;
  }
  if (error != 0u) {
    return end_with_error(driver, done);
  }
  for (uint32_t i = 0u; i < done; ++i) {
    end_oldest(driver, FLEXCIM_OK, FLEXCIM_ERROR_NONE);
  }
  return false;
}

/* After the accelerator's reset: everything in flight is in the ring, from index 0 on. */
static void begin(struct flexcim_driver* driver) {
  driver->origin = driver->ended;
  driver->exact = true;
  set(driver, FLEXCIM_RING_BASE_LO, (uint32_t)driver->config.ring);
  set(driver, FLEXCIM_RING_BASE_HI, (uint32_t)(driver->config.ring >> 32));
  set(driver, FLEXCIM_RING_SIZE, driver->config.entries);
  if (driver->config.interrupts) {
    set(driver, FLEXCIM_IRQ_ENABLE, FLEXCIM_IRQ_ENABLE_DONE_MASK | FLEXCIM_IRQ_ENABLE_ERROR_MASK);
  }
  set(driver, FLEXCIM_CONTROL, FLEXCIM_CONTROL_ENABLE_MASK);
  driver->state = FLEXCIM_IS_RUNNING;
  if (flexcim_driver_in_flight(driver) != 0u) {
    for (uint32_t ticket = driver->ended; ticket != driver->submitted; ++ticket) {
      write_descriptor(driver, ticket);
    }
    barrier(driver);
    set(driver, FLEXCIM_DOORBELL, ring_index(driver, driver->submitted));
  }
}

enum flexcim_status flexcim_driver_init(struct flexcim_driver* driver, const struct flexcim_port* port,
                                        const struct flexcim_config* config) {
  if ((driver == NULL) || (port == NULL) || (config == NULL)) {
    return FLEXCIM_INVALID;
  }
  const uint32_t entries = config->entries;
  if ((entries < FLEXCIM_RING_MIN_ENTRIES) || (entries > FLEXCIM_RING_MAX_ENTRIES) ||
      ((entries & (entries - 1u)) != 0u) || ((config->ring % FLEXCIM_RING_ALIGNMENT) != 0u) ||
      (config->slots == NULL)) {
    return FLEXCIM_INVALID;
  }
  driver->port = port;
  driver->config = *config;
  driver->error.code = FLEXCIM_ERROR_NONE;
  driver->error.address = 0u;
  driver->error.ticket = 0u;
  driver->submitted = 0u;
  driver->ended = 0u;
  driver->state = FLEXCIM_IS_STOPPED;
  driver->origin = 0u;
  driver->exact = true;
  driver->ending = false;
  for (uint32_t i = 0u; i < entries; ++i) {
    config->slots[i].outcome = FLEXCIM_INVALID; /* until a command has it */
  }
  return (get(driver, FLEXCIM_ID) == FLEXCIM_ID_RESET) ? FLEXCIM_OK : FLEXCIM_NO_DEVICE;
}

static uint32_t field(uint32_t value, uint32_t mask, uint32_t shift) { return (value & mask) >> shift; }

enum flexcim_status flexcim_driver_capabilities(struct flexcim_driver* driver,
                                                struct flexcim_capabilities* capabilities) {
  const struct flexcim_capabilities none = {0};
  *capabilities = none;
  capabilities->version = get(driver, FLEXCIM_VERSION);
  if (capabilities->version != FLEXCIM_VERSION_RESET) {
    return FLEXCIM_OTHER_VERSION;
  }
  const uint32_t macro = get(driver, FLEXCIM_MACRO_SHAPE);
  const uint32_t array = get(driver, FLEXCIM_ARRAY_SHAPE);
  capabilities->sub_macros = field(macro, FLEXCIM_MACRO_SHAPE_SUB_MACROS_MASK, FLEXCIM_MACRO_SHAPE_SUB_MACROS_SHIFT);
  capabilities->rows = 1u << field(macro, FLEXCIM_MACRO_SHAPE_LOG2_ROWS_MASK, FLEXCIM_MACRO_SHAPE_LOG2_ROWS_SHIFT);
  capabilities->columns = 1u << field(macro, FLEXCIM_MACRO_SHAPE_LOG2_COLS_MASK, FLEXCIM_MACRO_SHAPE_LOG2_COLS_SHIFT);
  capabilities->pairs = field(macro, FLEXCIM_MACRO_SHAPE_PAIRS_MASK, FLEXCIM_MACRO_SHAPE_PAIRS_SHIFT);
  capabilities->window = field(macro, FLEXCIM_MACRO_SHAPE_WINDOW_MASK, FLEXCIM_MACRO_SHAPE_WINDOW_SHIFT);
  capabilities->array_outputs = field(array, FLEXCIM_ARRAY_SHAPE_OUTPUTS_MASK, FLEXCIM_ARRAY_SHAPE_OUTPUTS_SHIFT);
  capabilities->array_inputs = field(array, FLEXCIM_ARRAY_SHAPE_INPUTS_MASK, FLEXCIM_ARRAY_SHAPE_INPUTS_SHIFT);
  return FLEXCIM_OK;
}

enum flexcim_status flexcim_driver_start(struct flexcim_driver* driver) {
  if (driver->state != FLEXCIM_IS_STOPPED) {
    return FLEXCIM_INVALID;
  }
  set(driver, FLEXCIM_CONTROL, FLEXCIM_CONTROL_RESET_MASK);
  begin(driver);
  return FLEXCIM_OK;
}

uint32_t flexcim_driver_in_flight(const struct flexcim_driver* driver) { return driver->submitted - driver->ended; }

enum flexcim_status flexcim_driver_submit(struct flexcim_driver* driver, const struct flexcim_descriptor* command,
                                          flexcim_callback* callback, void* context, uint32_t* ticket) {
  if (command == NULL) {
    return FLEXCIM_INVALID;
  }
  if (driver->state == FLEXCIM_IS_STOPPED) {
    return FLEXCIM_STOPPED;
  }
  if (driver->state == FLEXCIM_IS_LOST) {
    return FLEXCIM_LOST;
  }
  if (flexcim_driver_in_flight(driver) >= (driver->config.entries - 1u)) {
    return FLEXCIM_RING_FULL;
  }
  const uint32_t mine = driver->submitted;
  struct flexcim_slot* const slot = slot_of(driver, mine);
  slot->descriptor = *command;
  slot->descriptor.flags |= FLEXCIM_FLAG_INTERRUPT | FLEXCIM_FLAG_STOP;
  slot->callback = callback;
  slot->context = context;
  slot->outcome = FLEXCIM_PENDING;
  if (ticket != NULL) {
    *ticket = mine;
  }
  write_descriptor(driver, mine);
  driver->submitted = mine + 1u; /* before its interrupt can come */
  barrier(driver);
  set(driver, FLEXCIM_DOORBELL, ring_index(driver, mine + 1u));
  return FLEXCIM_OK;
}

enum flexcim_status flexcim_driver_on_interrupt(struct flexcim_driver* driver) {
  if (driver->ending) {
    return FLEXCIM_BUSY;
  }
  if (driver->state == FLEXCIM_IS_STOPPED) {
    return FLEXCIM_STOPPED;
  }
  const uint32_t before = driver->ended;
  uint32_t causes = get(driver, FLEXCIM_IRQ_STATUS);
  if (causes == 0u) {
    return FLEXCIM_NOTHING;
  }
  set(driver, FLEXCIM_IRQ_STATUS, causes); /* first: what ends from here on is a new cause */
  if (driver->state == FLEXCIM_IS_LOST) {
    return FLEXCIM_LOST;
  }
  driver->ending = true;
  if (driver->exact && (causes == FLEXCIM_IRQ_STATUS_DONE_MASK) && (flexcim_driver_in_flight(driver) == 1u)) {
    barrier(driver);
    end_oldest(driver, FLEXCIM_OK, FLEXCIM_ERROR_NONE); /* the only one: no need to look at the ring */
  } else {
    driver->exact = false;
    while (end_commands(driver, causes)) {
      causes = 0u;
    }
  }
  driver->ending = false;
  if (driver->state == FLEXCIM_IS_LOST) {
    return FLEXCIM_LOST;
  }
  if (driver->state == FLEXCIM_IS_HALTED) {
    return FLEXCIM_HALTED;
  }
  return (driver->ended != before) ? FLEXCIM_OK : FLEXCIM_NOTHING;
}

enum flexcim_status flexcim_driver_outcome(const struct flexcim_driver* driver, uint32_t ticket) {
  const uint32_t submitted = driver->submitted;
  const uint32_t age = submitted - ticket; /* 1: the last one */
  if ((age == 0u) || (age > (UINT32_MAX / 2u))) {
    return FLEXCIM_INVALID;
  }
  if (age <= (submitted - driver->ended)) {
    return FLEXCIM_PENDING;
  }
  return (age <= driver->config.entries) ? slot_of(driver, ticket)->outcome : FLEXCIM_FORGOTTEN;
}

/* What a waiting program cannot wait for: OK if there is hope. */
static enum flexcim_status hindrance(const struct flexcim_driver* driver) {
  switch (driver->state) {
    case FLEXCIM_IS_RUNNING:
      return FLEXCIM_OK;
    case FLEXCIM_IS_HALTED:
      return FLEXCIM_HALTED;
    case FLEXCIM_IS_LOST:
      return FLEXCIM_LOST;
    case FLEXCIM_IS_STOPPED:
    default:
      return FLEXCIM_STOPPED;
  }
}

enum flexcim_status flexcim_driver_wait(struct flexcim_driver* driver, uint32_t ticket, uint32_t timeout) {
  const struct flexcim_config* const config = &driver->config;
  const bool timed = (timeout != 0u) && (timeout != FLEXCIM_FOREVER);
  if ((timed && (config->time == NULL)) || (config->interrupts && (timeout != 0u) && (config->idle == NULL))) {
    return FLEXCIM_INVALID;
  }
  if (driver->ending) {
    return FLEXCIM_BUSY;
  }
  const uint32_t start = timed ? config->time(config->context) : 0u;
  for (;;) {
    if (!config->interrupts) {
      (void)flexcim_driver_on_interrupt(driver);
    }
    enum flexcim_status status = flexcim_driver_outcome(driver, ticket);
    if (status != FLEXCIM_PENDING) {
      return status;
    }
    status = hindrance(driver);
    if (status != FLEXCIM_OK) {
      return status;
    }
    const uint32_t waited = timed ? (config->time(config->context) - start) : 0u;
    if ((timeout != FLEXCIM_FOREVER) && (waited >= timeout)) {
      return FLEXCIM_TIMEOUT;
    }
    if (config->interrupts) {
      config->idle(config->context, (timeout == FLEXCIM_FOREVER) ? FLEXCIM_FOREVER : (timeout - waited));
    }
  }
}

enum flexcim_status flexcim_driver_skip(struct flexcim_driver* driver) {
  if (driver->state != FLEXCIM_IS_HALTED) {
    return FLEXCIM_INVALID;
  }
  driver->state = FLEXCIM_IS_RUNNING;
  set(driver, FLEXCIM_CONTROL, FLEXCIM_CONTROL_ENABLE_MASK | FLEXCIM_CONTROL_RESUME_MASK);
  return FLEXCIM_OK;
}

enum flexcim_status flexcim_driver_reset(struct flexcim_driver* driver, uint32_t give_up) {
  if (driver->ending) {
    return FLEXCIM_BUSY;
  }
  if (driver->state == FLEXCIM_IS_STOPPED) {
    return FLEXCIM_STOPPED;
  }
  set(driver, FLEXCIM_CONTROL, FLEXCIM_CONTROL_RESET_MASK);
  driver->state = FLEXCIM_IS_STOPPED;
  driver->ending = true;
  for (uint32_t left = give_up; (left != 0u) && (flexcim_driver_in_flight(driver) != 0u); --left) {
    end_oldest(driver, FLEXCIM_CANCELLED, FLEXCIM_ERROR_NONE);
  }
  driver->ending = false;
  begin(driver);
  return FLEXCIM_OK;
}
