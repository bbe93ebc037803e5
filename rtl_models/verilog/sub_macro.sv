// A sub-macro: C columns of R cells, the control of their pipeline and the psum buffer (architecture.md §2, §6).
module sub_macro #(
    parameter int R = 32,
    parameter int C = 32,
    parameter int WINDOW = 1,
    parameter int METADATA_BITS = 3,
    parameter int PSUM_DEPTH = 3,
    parameter int TAG_BITS = 1,
    parameter bit SHADOW = 0,
    parameter int SUM_BITS = 16 + $clog2(R)
) (
    input logic clock,
    input logic reset,
    input logic enable,

    input logic write,                    // the words on the lines go into the cells of `columns`
    input logic bank,                     // SHADOW: the word of every cell that multiplies
    input logic [C-1:0] write_columns,    // SHADOW: `write` writes the other word of these columns' cells
    input logic [R*8-1:0] weights,        // SHADOW: [row], with these words
    input logic [R*METADATA_BITS-1:0] metadatas,
    input logic phase,                    // the activations on the lines are multiplied in `columns`
    input logic phase_first,              // of its pass
    input logic phase_last,
    input logic [TAG_BITS-1:0] phase_tag, // goes with the psum

    input  logic [            C-1:0] columns,  // sel_col
    input  logic [R*2*WINDOW*8-1:0] lines,
    input  logic [METADATA_BITS-1:0] line_mask,
    input  logic                     scan,
    input  logic [METADATA_BITS-1:0] scan_index,
    output logic                     ready,      // for a phase

    output logic                  psum_valid,
    output logic [  TAG_BITS-1:0] psum_tag,
    output logic [C*SUM_BITS-1:0] psum_sums,
    input  logic                  psum_ack
);
  localparam int LEVELS = $clog2(R);
  localparam int STAGE_TAG_BITS = TAG_BITS + 2 + C;

  // Stage k is what enters register k; stage LEVELS + 1 is what enters the psum buffer.
  logic [LEVELS+1:0] valid;
  logic [LEVELS:0] load;
  logic [STAGE_TAG_BITS-1:0] tag[LEVELS+2];

  assign valid[0] = phase;
  assign tag[0] = {columns, phase_last, phase_first, phase_tag};

  // The trees hold while the psum buffer takes nothing.
  logic advance;
  assign advance = enable && ready;

  for (genvar k = 0; k <= LEVELS; k++) begin : g_stage
    pipeline_stage #(
        .TAG_BITS(STAGE_TAG_BITS)
    ) stage (
        .clock,
        .reset,
        .advance,
        .in_valid(valid[k]),
        .in_tag(tag[k]),
        .out_valid(valid[k+1]),
        .out_tag(tag[k+1]),
        .load(load[k])
    );
  end

  logic [C*SUM_BITS-1:0] sums;
  for (genvar c = 0; c < C; c++) begin : g_column
    logic [LEVELS:0] column_load;
    for (genvar k = 0; k <= LEVELS; k++) begin : g_load
      assign column_load[k] = load[k] && tag[k][TAG_BITS+2+c];
    end
    column #(
        .R(R),
        .WINDOW(WINDOW),
        .METADATA_BITS(METADATA_BITS),
        .SHADOW(SHADOW)
    ) cells (
        .clock,
        .write(write && (SHADOW ? write_columns[c] : columns[c])),
        .bank,
        .weights,
        .metadatas,
        .load(column_load),
        .lines,
        .line_mask,
        .scan,
        .scan_index,
        .sum(sums[c*SUM_BITS+:SUM_BITS])
    );
  end

  if (!SHADOW) begin : g_no_shadow
    logic unused_columns;
    assign unused_columns = &{1'b0, write_columns};
  end

  psum_buffer #(
      .C(C),
      .DEPTH(PSUM_DEPTH),
      .SUM_BITS(SUM_BITS),
      .TAG_BITS(TAG_BITS)
  ) buffer (
      .clock,
      .reset,
      .enable,
      .in_valid(valid[LEVELS+1]),
      .in_first(tag[LEVELS+1][TAG_BITS]),
      .in_last(tag[LEVELS+1][TAG_BITS+1]),
      .in_tag(tag[LEVELS+1][TAG_BITS-1:0]),
      .in_columns(tag[LEVELS+1][TAG_BITS+2+:C]),
      .in_sums(sums),
      .in_ready(ready),
      .out_valid(psum_valid),
      .out_tag(psum_tag),
      .out_sums(psum_sums),
      .out_ack(psum_ack)
  );
endmodule
