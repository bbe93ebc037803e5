// The FlexCiM macro (architecture.md §1-§6): sequencer, distributor, sub-macros, merger. Ports are flat vectors, element 0
// in the least significant bits; [a][b] names the order, b fastest. Inputs are sampled at the rising edge.
//
// A load beat is taken at an edge with load_valid and load_ready, a pass at one with pass_valid and pass_ready, psum_final
// at one with final_valid, final_ready and enable. `enable` low holds every register. `reset` is synchronous; the cells
// keep their words.
//
// `pass_sets` is what the first-stage multiplexers see: set p of row r holds the pairs of the block whose slot sub-macro p
// is; whoever feeds the macro copies a block's pairs to all its slots, or to one of them where `load_route` broadcasts.
//
// SHADOW: cells hold two words. Beats write the one that does not multiply while passes go on; in a cycle with swap and
// swap_ready, which carries no phase, the two exchange roles. No pass begins while swap is high.
module flexcim_macro #(
    parameter int P = 4,           // sub-macros, 1..16
    parameter int R = 32,          // rows, a power of two up to 256
    parameter int C = 32,          // columns, a power of two up to 256
    parameter int I = 4,           // pairs of a set, a power of two up to 16
    parameter int WINDOW = 1,      // pairs on the lines of a row, a power of two, 1..I
    parameter int PSUM_DEPTH = 3,
    parameter bit SCAN = 1,        // cells hold the index in the block and compare it
    parameter bit CONCAT = 1,      // the merger can add in several lanes
    parameter bit SHADOW = 0,      // cells hold two words
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
    input logic reset,
    input logic enable,

    input  logic                         load_valid,
    output logic                         load_ready,
    input  logic                         load_last,
    input  logic [      COLUMN_BITS-1:0] load_column,
    input  logic [            P*R*8-1:0] load_weights,   // [sub-macro][row]
    input  logic [P*R*METADATA_BITS-1:0] load_metadata,  // [sub-macro][row]
    input  logic                         load_has_phase,
    input  logic [    P*R*BASE_BITS-1:0] load_bases,     // [sub-macro][row]
    input  logic [      MAX_LANES*C-1:0] load_columns,   // [lane][column]
    input  logic [       COUNT_BITS-1:0] load_group,
    input  logic [       COUNT_BITS-1:0] load_lanes,
    input  logic [        PAIR_BITS-1:0] load_block_pairs,
    input  logic [        PAIR_BITS-1:0] load_window,
    input  logic                         load_compressed,
    input  logic                         load_scan,
    input  logic [       PHASE_BITS-1:0] load_phases,
    input  logic [     P*ROUTE_BITS-1:0] load_route,     // [sub-macro]

    input  logic swap,        // SHADOW: the tile on compute has had its last pass
    output logic swap_ready,

    input  logic                pass_valid,
    output logic                pass_ready,
    input  logic [P*R*I*16-1:0] pass_sets,   // [sub-macro][row][pair][2]

    output logic                              final_valid,
    output logic [            COUNT_BITS-1:0] final_lanes,
    output logic [MAX_LANES*C*FINAL_BITS-1:0] final_sums,   // [lane][column]
    input  logic                              final_ready
);
  localparam int PSUM_BITS = 16 + $clog2(R);
  localparam int LINES_BITS = R * 2 * WINDOW * 8;
  localparam int TAG_BITS = P + 2 * COUNT_BITS;

  logic write, bank;
  logic [C-1:0] write_columns;
  logic [P-1:0] phase, active, sub_ready;
  logic phase_first, phase_last;
  logic [COUNT_BITS-1:0] group, lanes;
  logic [P*C-1:0] columns;
  logic [P*R*BASE_BITS-1:0] bases;
  logic [BASE_BITS-1:0] pair_mask;
  logic [P*ROUTE_BITS-1:0] route;
  logic [METADATA_BITS-1:0] line_mask, scan_index;
  logic scan;
  logic [P*LINES_BITS-1:0] lines;

  sequencer #(
      .P(P),
      .R(R),
      .C(C),
      .I(I),
      .WINDOW(WINDOW),
      .SCAN(SCAN),
      .CONCAT(CONCAT),
      .SHADOW(SHADOW)
  ) sequencer (
      .clock,
      .reset,
      .enable,
      .load_valid,
      .load_ready,
      .load_last,
      .load_column,
      .load_has_phase,
      .load_bases,
      .load_columns,
      .load_group,
      .load_lanes,
      .load_block_pairs,
      .load_window,
      .load_compressed,
      .load_scan,
      .load_phases,
      .load_route,
      .swap,
      .swap_ready,
      .pass_valid,
      .pass_ready,
      .sub_ready,
      .write,
      .write_columns,
      .bank,
      .phase,
      .phase_first,
      .phase_last,
      .active,
      .group,
      .lanes,
      .columns,
      .bases,
      .pair_mask,
      .route,
      .line_mask,
      .scan,
      .scan_index
  );

  distributor #(
      .P(P),
      .R(R),
      .I(I),
      .WINDOW(WINDOW),
      .METADATA_BITS(METADATA_BITS)
  ) distributor (
      .sets(pass_sets),
      .bases,
      .pair_mask,
      .route,
      .write(write && !SHADOW),
      .weights(load_weights),
      .metadata(load_metadata),
      .lines
  );

  logic [P-1:0] psum_valid, psum_ack;
  logic [P*C*PSUM_BITS-1:0] psum_sums;
  logic [TAG_BITS-1:0] psum_tag[P];
  for (genvar p = 0; p < P; p++) begin : g_sub
    sub_macro #(
        .R(R),
        .C(C),
        .WINDOW(WINDOW),
        .METADATA_BITS(METADATA_BITS),
        .PSUM_DEPTH(PSUM_DEPTH),
        .TAG_BITS(TAG_BITS),
        .SHADOW(SHADOW)
    ) sub (
        .clock,
        .reset,
        .enable,
        .write,
        .bank,
        .write_columns,
        .weights(load_weights[p*R*8+:R*8]),
        .metadatas(load_metadata[p*R*METADATA_BITS+:R*METADATA_BITS]),
        .phase(phase[p]),
        .phase_first,
        .phase_last,
        .phase_tag({active, lanes, group}),
        .columns(columns[p*C+:C]),
        .lines(lines[p*LINES_BITS+:LINES_BITS]),
        .line_mask,
        .scan,
        .scan_index,
        .ready(sub_ready[p]),
        .psum_valid(psum_valid[p]),
        .psum_tag(psum_tag[p]),
        .psum_sums(psum_sums[p*C*PSUM_BITS+:C*PSUM_BITS]),
        .psum_ack(psum_ack[p])
    );
  end

  // Sub-macro 0 takes part in every pass.
  merger #(
      .P(P),
      .C(C),
      .CONCAT(CONCAT),
      .PSUM_BITS(PSUM_BITS),
      .FINAL_BITS(FINAL_BITS)
  ) merger (
      .clock,
      .reset,
      .enable,
      .psum_valid,
      .psum_active(psum_tag[0][2*COUNT_BITS+:P]),
      .psum_group(psum_tag[0][0+:COUNT_BITS]),
      .psum_lanes(psum_tag[0][COUNT_BITS+:COUNT_BITS]),
      .psum_sums,
      .psum_ack,
      .final_valid,
      .final_lanes,
      .final_sums,
      .final_ready
  );
endmodule
