/* The FlexCiM-VP platform for drivers, printed by `flexcim registers --c-header`. */
/* clang-format off */
#ifndef FLEXCIM_PLATFORM_H
#define FLEXCIM_PLATFORM_H

#include <stdint.h>

#define FINISHER_BASE 0x00100000u /* ends the simulation: SiFive's test device */
#define FINISHER_SIZE 0x1000u
#define TIMER_BASE 0x02000000u /* CLINT, one hart: software interrupt, and machine timer of 10 MHz */
#define TIMER_SIZE 0x10000u
#define SRAM_BASE 0x08000000u /* on-chip memory to boot from and work in: program, stack, descriptor rings */
#define SRAM_SIZE 0x40000u
#define PLIC_BASE 0x0C000000u /* interrupt controller: RISC-V PLIC, one hart */
#define PLIC_SIZE 0x400000u
#define UART_BASE 0x10000000u /* serial port: SiFive's UART */
#define UART_SIZE 0x1000u
#define FLEXCIM_BASE 0x10010000u /* registers of the accelerator */
#define FLEXCIM_SIZE 0x1000u
#define DRAM_BASE 0x80000000u /* memory of host and accelerator */
#define FLEXCIM_INTERRUPT 1u /* source of the interrupt controller */
#define UART_INTERRUPT 2u /* source of the interrupt controller */

/* Registers of the accelerator, from its base */
#define FLEXCIM_ID 0x000u /* RO: identity */
#define FLEXCIM_ID_RESET 0xF1ECC1A0u
#define FLEXCIM_VERSION 0x004u /* RO: of this register map */
#define FLEXCIM_VERSION_RESET 0x00000002u
#define FLEXCIM_CONTROL 0x008u /* RW: control */
#define FLEXCIM_CONTROL_ENABLE_MASK 0x00000001u /* commands are fetched */
#define FLEXCIM_CONTROL_ENABLE_SHIFT 0u
#define FLEXCIM_CONTROL_RESET_MASK 0x00000002u /* ends the running command, empties the ring, all registers to reset values; reads 0 */
#define FLEXCIM_CONTROL_RESET_SHIFT 1u
#define FLEXCIM_CONTROL_RESUME_MASK 0x00000004u /* goes on after a command that halted the queue; reads 0 */
#define FLEXCIM_CONTROL_RESUME_SHIFT 2u
#define FLEXCIM_STATUS 0x00Cu /* RO: status */
#define FLEXCIM_STATUS_BUSY_MASK 0x00000001u /* a command is being worked on */
#define FLEXCIM_STATUS_BUSY_SHIFT 0u
#define FLEXCIM_STATUS_HALTED_MASK 0x00000002u /* an error has stopped the queue */
#define FLEXCIM_STATUS_HALTED_SHIFT 1u
#define FLEXCIM_DOORBELL 0x010u /* WO: new tail: index behind the last command in the ring */
#define FLEXCIM_RING_BASE_LO 0x014u /* RW: address of the ring, 16-byte aligned */
#define FLEXCIM_RING_BASE_HI 0x018u /* RW: its upper half */
#define FLEXCIM_RING_SIZE 0x01Cu /* RW: entries, 2..65536; full with one entry less */
#define FLEXCIM_RING_HEAD 0x020u /* RO: index of the next command to fetch */
#define FLEXCIM_RING_TAIL 0x024u /* RO: index behind the last command */
#define FLEXCIM_IRQ_STATUS 0x028u /* W1C: pending interrupts */
#define FLEXCIM_IRQ_STATUS_DONE_MASK 0x00000001u /* a command that asked for it has completed */
#define FLEXCIM_IRQ_STATUS_DONE_SHIFT 0u
#define FLEXCIM_IRQ_STATUS_ERROR_MASK 0x00000002u /* a command has ended with an error */
#define FLEXCIM_IRQ_STATUS_ERROR_SHIFT 1u
#define FLEXCIM_IRQ_ENABLE 0x02Cu /* RW: which of them drive the interrupt line */
#define FLEXCIM_IRQ_ENABLE_DONE_MASK 0x00000001u
#define FLEXCIM_IRQ_ENABLE_DONE_SHIFT 0u
#define FLEXCIM_IRQ_ENABLE_ERROR_MASK 0x00000002u
#define FLEXCIM_IRQ_ENABLE_ERROR_SHIFT 1u
#define FLEXCIM_IRQ_ENABLE_UNUSED_MASK 0xFFFFFFFCu /* kept, without effect */
#define FLEXCIM_IRQ_ENABLE_UNUSED_SHIFT 2u
#define FLEXCIM_ERROR_CODE 0x030u /* RO: of the last command that ended with an error */
#define FLEXCIM_ERROR_ADDRESS_LO 0x034u /* RO: address of its descriptor */
#define FLEXCIM_ERROR_ADDRESS_HI 0x038u /* RO: its upper half */
#define FLEXCIM_COMPLETED 0x03Cu /* RO: commands ended without error */
#define FLEXCIM_LAST_TAG 0x040u /* RO: tag of the last command that has ended */
#define FLEXCIM_MACRO_SHAPE 0x044u /* RO: one macro */
#define FLEXCIM_MACRO_SHAPE_SUB_MACROS_MASK 0x000000FFu /* P */
#define FLEXCIM_MACRO_SHAPE_SUB_MACROS_SHIFT 0u
#define FLEXCIM_MACRO_SHAPE_LOG2_ROWS_MASK 0x00000F00u /* log2 R */
#define FLEXCIM_MACRO_SHAPE_LOG2_ROWS_SHIFT 8u
#define FLEXCIM_MACRO_SHAPE_LOG2_COLS_MASK 0x0000F000u /* log2 C */
#define FLEXCIM_MACRO_SHAPE_LOG2_COLS_SHIFT 12u
#define FLEXCIM_MACRO_SHAPE_PAIRS_MASK 0x00FF0000u /* I */
#define FLEXCIM_MACRO_SHAPE_PAIRS_SHIFT 16u
#define FLEXCIM_MACRO_SHAPE_WINDOW_MASK 0xFF000000u /* w */
#define FLEXCIM_MACRO_SHAPE_WINDOW_SHIFT 24u
#define FLEXCIM_ARRAY_SHAPE 0x048u /* RO: the macro array */
#define FLEXCIM_ARRAY_SHAPE_OUTPUTS_MASK 0x0000FFFFu /* macros_o */
#define FLEXCIM_ARRAY_SHAPE_OUTPUTS_SHIFT 0u
#define FLEXCIM_ARRAY_SHAPE_INPUTS_MASK 0xFFFF0000u /* macros_k */
#define FLEXCIM_ARRAY_SHAPE_INPUTS_SHIFT 16u
#define FLEXCIM_CYCLES_LO 0x100u /* RO: clock cycles since reset, low half; latches the high */
#define FLEXCIM_CYCLES_HI 0x104u /* RO: clock cycles since reset, high half, as latched */
#define FLEXCIM_BUSY_LO 0x108u /* RO: cycles with a command, low half; latches the high */
#define FLEXCIM_BUSY_HI 0x10Cu /* RO: cycles with a command, high half, as latched */
#define FLEXCIM_COMPUTE_LO 0x110u /* RO: cycles with passes, low half; latches the high */
#define FLEXCIM_COMPUTE_HI 0x114u /* RO: cycles with passes, high half, as latched */
#define FLEXCIM_LOAD_LO 0x118u /* RO: cycles in which a load or swap of weights keeps the macros from computing, low half; latches the high */
#define FLEXCIM_LOAD_HI 0x11Cu /* RO: cycles in which a load or swap of weights keeps the macros from computing, high half, as latched */
#define FLEXCIM_STALL_LO 0x120u /* RO: cycles of commands with neither, low half; latches the high */
#define FLEXCIM_STALL_HI 0x124u /* RO: cycles of commands with neither, high half, as latched */
#define FLEXCIM_PRODUCTS_LO 0x128u /* RO: multiplications (events), low half; latches the high */
#define FLEXCIM_PRODUCTS_HI 0x12Cu /* RO: multiplications (events), high half, as latched */
#define FLEXCIM_INT4_PRODUCTS_LO 0x130u /* RO: of these with one of two int4 weights (events), low half; latches the high */
#define FLEXCIM_INT4_PRODUCTS_HI 0x134u /* RO: of these with one of two int4 weights (events), high half, as latched */
#define FLEXCIM_IDLE_CELLS_LO 0x138u /* RO: clock-gated cell cycles (events), low half; latches the high */
#define FLEXCIM_IDLE_CELLS_HI 0x13Cu /* RO: clock-gated cell cycles (events), high half, as latched */
#define FLEXCIM_METADATA_SELECTS_LO 0x140u /* RO: cells that pick among their lines (events), low half; latches the high */
#define FLEXCIM_METADATA_SELECTS_HI 0x144u /* RO: cells that pick among their lines (events), high half, as latched */
#define FLEXCIM_INDEX_COMPARES_LO 0x148u /* RO: cells that compare their index (events), low half; latches the high */
#define FLEXCIM_INDEX_COMPARES_HI 0x14Cu /* RO: cells that compare their index (events), high half, as latched */
#define FLEXCIM_DISTRIBUTOR_PAIRS_LO 0x150u /* RO: pairs moved by first-stage multiplexers (events), low half; latches the high */
#define FLEXCIM_DISTRIBUTOR_PAIRS_HI 0x154u /* RO: pairs moved by first-stage multiplexers (events), high half, as latched */
#define FLEXCIM_COLUMN_ADDS_LO 0x158u /* RO: additions in column trees (events), low half; latches the high */
#define FLEXCIM_COLUMN_ADDS_HI 0x15Cu /* RO: additions in column trees (events), high half, as latched */
#define FLEXCIM_PSUM_WRITES_LO 0x160u /* RO: psum buffer entries written (events), low half; latches the high */
#define FLEXCIM_PSUM_WRITES_HI 0x164u /* RO: psum buffer entries written (events), high half, as latched */
#define FLEXCIM_PSUM_ACCUMULATES_LO 0x168u /* RO: psum buffer entries added to (events), low half; latches the high */
#define FLEXCIM_PSUM_ACCUMULATES_HI 0x16Cu /* RO: psum buffer entries added to (events), high half, as latched */
#define FLEXCIM_MERGE_ADDS_LO 0x170u /* RO: additions in the merger (events), low half; latches the high */
#define FLEXCIM_MERGE_ADDS_HI 0x174u /* RO: additions in the merger (events), high half, as latched */
#define FLEXCIM_OUTPUTS_LO 0x178u /* RO: psum_final values (events), low half; latches the high */
#define FLEXCIM_OUTPUTS_HI 0x17Cu /* RO: psum_final values (events), high half, as latched */
#define FLEXCIM_CELL_WRITES_LO 0x180u /* RO: cell words written (events), low half; latches the high */
#define FLEXCIM_CELL_WRITES_HI 0x184u /* RO: cell words written (events), high half, as latched */
#define FLEXCIM_PHASES_LO 0x188u /* RO: macro cycles with a phase on the lines (cycles), low half; latches the high */
#define FLEXCIM_PHASES_HI 0x18Cu /* RO: macro cycles with a phase on the lines (cycles), high half, as latched */
#define FLEXCIM_PASSES_LO 0x190u /* RO: activation vectors through a macro (events), low half; latches the high */
#define FLEXCIM_PASSES_HI 0x194u /* RO: activation vectors through a macro (events), high half, as latched */
#define FLEXCIM_ACTIVATION_BUFFER_READS_LO 0x198u /* RO: read from the activation buffer (bytes), low half; latches the high */
#define FLEXCIM_ACTIVATION_BUFFER_READS_HI 0x19Cu /* RO: read from the activation buffer (bytes), high half, as latched */
#define FLEXCIM_ACTIVATION_BUFFER_WRITES_LO 0x1A0u /* RO: written to the activation buffer (bytes), low half; latches the high */
#define FLEXCIM_ACTIVATION_BUFFER_WRITES_HI 0x1A4u /* RO: written to the activation buffer (bytes), high half, as latched */
#define FLEXCIM_WEIGHT_BUFFER_READS_LO 0x1A8u /* RO: read from the weight buffer (bytes), low half; latches the high */
#define FLEXCIM_WEIGHT_BUFFER_READS_HI 0x1ACu /* RO: read from the weight buffer (bytes), high half, as latched */
#define FLEXCIM_WEIGHT_BUFFER_WRITES_LO 0x1B0u /* RO: written to the weight buffer (bytes), low half; latches the high */
#define FLEXCIM_WEIGHT_BUFFER_WRITES_HI 0x1B4u /* RO: written to the weight buffer (bytes), high half, as latched */
#define FLEXCIM_OUTPUT_BUFFER_READS_LO 0x1B8u /* RO: read from the output buffer (bytes), low half; latches the high */
#define FLEXCIM_OUTPUT_BUFFER_READS_HI 0x1BCu /* RO: read from the output buffer (bytes), high half, as latched */
#define FLEXCIM_OUTPUT_BUFFER_WRITES_LO 0x1C0u /* RO: written to the output buffer (bytes), low half; latches the high */
#define FLEXCIM_OUTPUT_BUFFER_WRITES_HI 0x1C4u /* RO: written to the output buffer (bytes), high half, as latched */
#define FLEXCIM_DMA_READS_LO 0x1C8u /* RO: read through the DMA port (bytes), low half; latches the high */
#define FLEXCIM_DMA_READS_HI 0x1CCu /* RO: read through the DMA port (bytes), high half, as latched */
#define FLEXCIM_DMA_WRITES_LO 0x1D0u /* RO: written through the DMA port (bytes), low half; latches the high */
#define FLEXCIM_DMA_WRITES_HI 0x1D4u /* RO: written through the DMA port (bytes), high half, as latched */
#define FLEXCIM_ACCUMULATES_LO 0x1D8u /* RO: int32 additions in the output buffer (events), low half; latches the high */
#define FLEXCIM_ACCUMULATES_HI 0x1DCu /* RO: int32 additions in the output buffer (events), high half, as latched */
#define FLEXCIM_REQUANTIZATIONS_LO 0x1E0u /* RO: accumulators scaled to int8 (events), low half; latches the high */
#define FLEXCIM_REQUANTIZATIONS_HI 0x1E4u /* RO: accumulators scaled to int8 (events), high half, as latched */

/* Registers of the interrupt controller, from its base */
#define PLIC_PRIORITY1 0x004u /* RW: priority of source 1, 0 never interrupts */
#define PLIC_PRIORITY1_VALUE_MASK 0x00000007u /* 0..7, the highest first */
#define PLIC_PRIORITY1_VALUE_SHIFT 0u
#define PLIC_PRIORITY2 0x008u /* RW: priority of source 2, 0 never interrupts */
#define PLIC_PRIORITY2_VALUE_MASK 0x00000007u /* 0..7, the highest first */
#define PLIC_PRIORITY2_VALUE_SHIFT 0u
#define PLIC_PENDING 0x1000u /* RO: requests, bit = source */
#define PLIC_ENABLE 0x2000u /* RW: enabled sources, bit = source */
#define PLIC_ENABLE_SOURCES_MASK 0x00000006u
#define PLIC_ENABLE_SOURCES_SHIFT 1u
#define PLIC_THRESHOLD 0x200000u /* RW: only priorities above it interrupt */
#define PLIC_THRESHOLD_VALUE_MASK 0x00000007u /* 0..7 */
#define PLIC_THRESHOLD_VALUE_SHIFT 0u
#define PLIC_CLAIM 0x200004u /* RW: a read claims the pending source of highest priority (0: none), a write completes it */

/* Registers of the timer, from its base */
#define TIMER_MSIP 0x000u /* RW: software interrupt */
#define TIMER_MSIP_PENDING_MASK 0x00000001u /* the line; the other bits stay 0 */
#define TIMER_MSIP_PENDING_SHIFT 0u
#define TIMER_MTIMECMP 0x4000u /* RW: compare value, bits 31:0 */
#define TIMER_MTIMECMP_RESET 0xFFFFFFFFu
#define TIMER_MTIMECMP_HIGH 0x4004u /* RW: compare value, bits 63:32 */
#define TIMER_MTIMECMP_HIGH_RESET 0xFFFFFFFFu
#define TIMER_MTIME 0xBFF8u /* RW: time in ticks, bits 31:0 */
#define TIMER_MTIME_HIGH 0xBFFCu /* RW: time in ticks, bits 63:32 */

/* Registers of the UART, from its base */
#define UART_TXDATA 0x000u /* RW: a write sends */
#define UART_TXDATA_DATA_MASK 0x000000FFu /* character; reads 0 */
#define UART_TXDATA_DATA_SHIFT 0u
#define UART_TXDATA_FULL_MASK 0x80000000u /* FIFO full */
#define UART_TXDATA_FULL_SHIFT 31u
#define UART_RXDATA 0x004u /* RO: a read takes a character */
#define UART_RXDATA_DATA_MASK 0x000000FFu /* character */
#define UART_RXDATA_DATA_SHIFT 0u
#define UART_RXDATA_EMPTY_MASK 0x80000000u /* FIFO empty */
#define UART_RXDATA_EMPTY_SHIFT 31u
#define UART_TXCTRL 0x008u /* RW: transmitter */
#define UART_TXCTRL_TXEN_MASK 0x00000001u /* enabled */
#define UART_TXCTRL_TXEN_SHIFT 0u
#define UART_TXCTRL_NSTOP_MASK 0x00000002u /* stop bits less one */
#define UART_TXCTRL_NSTOP_SHIFT 1u
#define UART_TXCTRL_TXCNT_MASK 0x00070000u /* watermark */
#define UART_TXCTRL_TXCNT_SHIFT 16u
#define UART_RXCTRL 0x00Cu /* RW: receiver */
#define UART_RXCTRL_RXEN_MASK 0x00000001u /* enabled */
#define UART_RXCTRL_RXEN_SHIFT 0u
#define UART_RXCTRL_RXCNT_MASK 0x00070000u /* watermark */
#define UART_RXCTRL_RXCNT_SHIFT 16u
#define UART_IE 0x010u /* RW: interrupt enable */
#define UART_IE_TXWM_MASK 0x00000001u /* transmitter */
#define UART_IE_TXWM_SHIFT 0u
#define UART_IE_RXWM_MASK 0x00000002u /* receiver */
#define UART_IE_RXWM_SHIFT 1u
#define UART_IP 0x014u /* RO: interrupt pending */
#define UART_IP_TXWM_MASK 0x00000001u /* fewer than TXCNT to send */
#define UART_IP_TXWM_SHIFT 0u
#define UART_IP_RXWM_MASK 0x00000002u /* more than RXCNT received */
#define UART_IP_RXWM_SHIFT 1u
#define UART_DIV 0x018u /* RW: clock cycles of a bit less one */
#define UART_DIV_RESET 0x000010F3u
#define UART_DIV_VALUE_MASK 0x0000FFFFu
#define UART_DIV_VALUE_SHIFT 0u
#define UART_STATUS 0x01Cu /* W1C: beyond SiFive's registers */
#define UART_STATUS_TX_OVERRUN_MASK 0x00000001u /* a character was written to a full FIFO and is lost */
#define UART_STATUS_TX_OVERRUN_SHIFT 0u
#define UART_STATUS_RX_OVERRUN_MASK 0x00000002u /* a character met a full FIFO and is lost */
#define UART_STATUS_RX_OVERRUN_SHIFT 1u
#define UART_STATUS_TX_BUSY_MASK 0x00000004u /* characters are waiting or on the line */
#define UART_STATUS_TX_BUSY_SHIFT 2u

/* Register of the test finisher, from its base */
#define FINISHER_FINISH 0x000u /* WO: ends the simulation */
#define FINISHER_FINISH_STATUS_MASK 0x0000FFFFu /* 0x5555 pass, 0x3333 fail, others do nothing */
#define FINISHER_FINISH_STATUS_SHIFT 0u
#define FINISHER_FINISH_CODE_MASK 0xFFFF0000u /* exit code of a failure, 1..255 */
#define FINISHER_FINISH_CODE_SHIFT 16u

/* Ring of descriptors: entries, and bytes that its address is a multiple of */
#define FLEXCIM_RING_MIN_ENTRIES 2u
#define FLEXCIM_RING_MAX_ENTRIES 65536u
#define FLEXCIM_RING_ALIGNMENT 16u

/* Descriptor of a command */
#define FLEXCIM_DESCRIPTOR_BYTES 128u
#define FLEXCIM_DESCRIPTOR_OPCODE_OFFSET 0u
#define FLEXCIM_DESCRIPTOR_FLAGS_OFFSET 1u
#define FLEXCIM_DESCRIPTOR_PATTERN_N_OFFSET 2u
#define FLEXCIM_DESCRIPTOR_PATTERN_M_OFFSET 3u
#define FLEXCIM_DESCRIPTOR_SEQUENCING_OFFSET 4u
#define FLEXCIM_DESCRIPTOR_MERGE_OFFSET 5u
#define FLEXCIM_DESCRIPTOR_WINDOW_OFFSET 6u
#define FLEXCIM_DESCRIPTOR_TAG_OFFSET 8u
#define FLEXCIM_DESCRIPTOR_OUT_OFFSET 12u
#define FLEXCIM_DESCRIPTOR_IN_OFFSET 16u
#define FLEXCIM_DESCRIPTOR_TOKENS_OFFSET 20u
#define FLEXCIM_DESCRIPTOR_WEIGHTS_BYTES_OFFSET 24u
#define FLEXCIM_DESCRIPTOR_ACTIVATION_STRIDE_OFFSET 28u
#define FLEXCIM_DESCRIPTOR_WEIGHTS_OFFSET 32u
#define FLEXCIM_DESCRIPTOR_ACTIVATIONS_OFFSET 40u
#define FLEXCIM_DESCRIPTOR_OUTPUTS_OFFSET 48u
#define FLEXCIM_DESCRIPTOR_OUTPUT_STRIDE_OFFSET 56u
#define FLEXCIM_DESCRIPTOR_SCALES_OFFSET 64u
#define FLEXCIM_MAX_OUT 1048576u
#define FLEXCIM_MAX_IN 131072u
#define FLEXCIM_MAX_TOKENS 1048576u
#define FLEXCIM_OP_NOP 0u
#define FLEXCIM_OP_GEMM 1u
#define FLEXCIM_FLAG_INTERRUPT 1u
#define FLEXCIM_FLAG_STOP 2u
#define FLEXCIM_FLAG_REQUANTIZE 4u
#define FLEXCIM_FLAG_INT4 8u
#define FLEXCIM_FLAG_STREAM_WEIGHTS 16u
#define FLEXCIM_SEQUENCING_GROUPED 0u
#define FLEXCIM_SEQUENCING_SCAN 1u
#define FLEXCIM_SEQUENCING_DENSE_SLOT 2u
#define FLEXCIM_MERGE_REDUCE 0u
#define FLEXCIM_MERGE_CONCAT 1u
#define FLEXCIM_ERROR_NONE 0u /* no error */
#define FLEXCIM_ERROR_BAD_OPCODE 1u /* the opcode is not known */
#define FLEXCIM_ERROR_BAD_FLAGS 2u /* a reserved flag or a reserved field is not 0 */
#define FLEXCIM_ERROR_UNSUPPORTED_PATTERN 3u /* the macro does not run this N:M */
#define FLEXCIM_ERROR_BAD_SEQUENCING 4u /* the sequencing is not known */
#define FLEXCIM_ERROR_BAD_MERGE 5u /* the merge mode is not known */
#define FLEXCIM_ERROR_BAD_WINDOW 6u /* the window is not the macro's */
#define FLEXCIM_ERROR_BAD_SHAPE 7u /* out, in or tokens is 0 or beyond its limit */
#define FLEXCIM_ERROR_MISALIGNED 8u /* an address or stride is not aligned */
#define FLEXCIM_ERROR_BAD_STRIDE 9u /* a stride is shorter than its row */
#define FLEXCIM_ERROR_BAD_REQUANTIZATION 10u /* a mantissa or shift is out of range */
#define FLEXCIM_ERROR_ACTIVATIONS_DO_NOT_FIT 11u /* one token's inputs exceed the activation buffer */
#define FLEXCIM_ERROR_OUTPUTS_DO_NOT_FIT 12u /* one token's accumulators exceed half of the output buffer */
#define FLEXCIM_ERROR_WEIGHTS_DO_NOT_FIT 13u /* an array tile exceeds half of the weight buffer */
#define FLEXCIM_ERROR_IMAGE_BOUNDS 14u /* a directory entry is misaligned or points outside of the image */
#define FLEXCIM_ERROR_IMAGE_SIZE 15u /* a blob has not the size or the phases of its tile */
#define FLEXCIM_ERROR_IMAGE_WEIGHT 16u /* a weight is -128 */
#define FLEXCIM_ERROR_IMAGE_COLUMNS 17u /* column masks do not select every column exactly once */
#define FLEXCIM_ERROR_DMA_ADDRESS 18u /* nothing answers at an address */
#define FLEXCIM_ERROR_DMA_FAILED 19u /* a target refused a transfer */
#define FLEXCIM_ERROR_BAD_DOORBELL 20u /* the tail lies outside of the ring */
#define FLEXCIM_ERROR_BAD_RING 21u /* the ring is misaligned, empty or too large */
#define FLEXCIM_ERROR_DATA_ERROR 22u /* a memory's code has detected wrong bits that it cannot correct */
struct flexcim_descriptor {
  uint8_t opcode; /* 0 nop, 1 gemm */
  uint8_t flags; /* bit 0 interrupt on completion, 1 stop the queue on error, 2 requantize, 3 int4 weights, 4 stream weights */
  uint8_t pattern_n; /* N of N:M; dense is 1:1 */
  uint8_t pattern_m; /* M of N:M */
  uint8_t sequencing; /* 0 grouped, 1 scan, 2 dense_slot */
  uint8_t merge; /* 0 reduce, 1 concat */
  uint8_t window; /* w that the image was made for: the macro's */
  uint8_t reserved0[1];
  uint32_t tag; /* shown in LAST_TAG when the command has ended */
  uint32_t out; /* output channels, 1..1048576 */
  uint32_t in; /* inputs, 1..131072 */
  uint32_t tokens; /* rows of activations, 1..1048576 */
  uint32_t weights_bytes; /* size of the weight image */
  uint32_t activation_stride; /* bytes between rows of activations */
  uint64_t weights; /* address of the weight image, 16-byte aligned */
  uint64_t activations; /* address of int8 activations, 16-byte aligned */
  uint64_t outputs; /* address of outputs, 16-byte aligned: int32, or int8 when requantized */
  uint32_t output_stride; /* bytes between rows of outputs */
  uint8_t reserved1[4];
  uint64_t scales; /* address of {int32 mantissa, int32 shift} per output channel, 8-byte aligned */
  uint8_t reserved2[56];
};

#endif
