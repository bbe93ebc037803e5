// A macro of your own under FlexCiM-VP's accelerator: these are the pins, what is inside is yours (docs/your_rtl.md). As it
// stands it has the project's macro inside, so that you can begin with something that works.
//
// Inputs change after a rising edge of `clock` and are sampled at the next one. Ports are flat vectors, element 0 in the
// least significant bits; [a][b] names the order, b fastest. A macro of one geometry may have numbers in place of the
// parameters: only the widths of its pins have to be those of the architecture.
module my_macro #(
    parameter int P = 4,           // sub-macros
    parameter int R = 32,          // rows
    parameter int C = 32,          // columns
    parameter int I = 4,           // pairs of a set
    parameter int WINDOW = 1,      // pairs on the lines of a row
    parameter int PSUM_DEPTH = 3,  // psums that wait between a sub-macro and the merger
    parameter bit SCAN = 0,        // sequencing: scan
    parameter bit CONCAT = 0,      // merge: concat
    parameter bit SHADOW = 0,      // weight_update: shadow
    // What follows from them.
    parameter int METADATA_BITS = SCAN ? $clog2(2 * I) : $clog2(2 * WINDOW),
    parameter int BASE_BITS = I > 1 ? $clog2(I) : 1,
    parameter int ROUTE_BITS = P > 1 ? $clog2(P) : 1,
    parameter int COLUMN_BITS = C > 1 ? $clog2(C) : 1,
    parameter int COUNT_BITS = $clog2(P + 1),
    parameter int PAIR_BITS = $clog2(I + 1),
    parameter int PHASE_BITS = $clog2((SCAN && I > C ? I : C) + 1),
    parameter int MAX_LANES = CONCAT ? P : 1,
    parameter int FINAL_BITS = $clog2(P * R * 127 * 128 + 1) + 1
) (
    input logic clock,
    input logic reset,   // synchronous; the cells keep their words
    input logic enable,  // low holds every register

    // A tile is loaded a column per beat, with the selects and masks of a phase.
    input  logic                         load_valid,
    output logic                         load_ready,
    input  logic                         load_last,         // of the tile: the next cycle but one may carry a phase
    input  logic [      COLUMN_BITS-1:0] load_column,       // also the number of the phase in the beat
    input  logic [            P*R*8-1:0] load_weights,      // [sub-macro][row]
    input  logic [P*R*METADATA_BITS-1:0] load_metadata,     // [sub-macro][row]
    input  logic                         load_has_phase,
    input  logic [    P*R*BASE_BITS-1:0] load_bases,        // [sub-macro][row]
    input  logic [      MAX_LANES*C-1:0] load_columns,      // [lane][column]
    // The tile's layout, equal in all its beats.
    input  logic [       COUNT_BITS-1:0] load_group,        // sub-macros per lane
    input  logic [       COUNT_BITS-1:0] load_lanes,
    input  logic [        PAIR_BITS-1:0] load_block_pairs,  // a power of two
    input  logic [        PAIR_BITS-1:0] load_window,       // a power of two
    input  logic                         load_compressed,   // cells pick a line by their metadata
    input  logic                         load_scan,
    input  logic [       PHASE_BITS-1:0] load_phases,       // of a pass
    input  logic [     P*ROUTE_BITS-1:0] load_route,        // [sub-macro]: second stage, always the identity

    // With SHADOW only: the tile that has been loaded takes over.
    input  logic swap,
    output logic swap_ready,

    // Activations of a pass, held until pass_ready.
    input  logic                pass_valid,
    output logic                pass_ready,
    input  logic [P*R*I*16-1:0] pass_sets,  // [sub-macro][row][pair][2]: what its first-stage multiplexer sees

    // The sums of a pass, log2 R + ceil(log2 P) + 4 cycles after its last phase, held until final_ready.
    output logic                              final_valid,
    output logic [            COUNT_BITS-1:0] final_lanes,
    output logic [MAX_LANES*C*FINAL_BITS-1:0] final_sums,   // [lane][column], signed
    input  logic                              final_ready
);

  // Yours, in place of this.
  flexcim_macro #(
      .P(P),
      .R(R),
      .C(C),
      .I(I),
      .WINDOW(WINDOW),
      .PSUM_DEPTH(PSUM_DEPTH),
      .SCAN(SCAN),
      .CONCAT(CONCAT),
      .SHADOW(SHADOW)
  ) macro (
      .*
  );

endmodule
