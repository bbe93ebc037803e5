// The merger (architecture.md §3, §4): waits until every active sub-macro has a psum of the pass, acknowledges them all,
// and adds them per column and lane in a pipelined tree. With CONCAT a lane is any `group` neighbouring sub-macros;
// without, there is one lane that starts at sub-macro 0.
module merger #(
    parameter int P = 4,
    parameter int C = 32,
    parameter bit CONCAT = 1,
    parameter int PSUM_BITS = 21,
    parameter int FINAL_BITS = 22,
    parameter int COUNT_BITS = $clog2(P + 1),
    parameter int MAX_LANES = CONCAT ? P : 1
) (
    input logic clock,
    input logic reset,
    input logic enable,

    input  logic [            P-1:0] psum_valid,
    input  logic [            P-1:0] psum_active,  // sub-macros that take part in the oldest pass
    input  logic [   COUNT_BITS-1:0] psum_group,   // sub-macros per lane
    input  logic [   COUNT_BITS-1:0] psum_lanes,
    input  logic [P*C*PSUM_BITS-1:0] psum_sums,    // [sub-macro][column]
    output logic [            P-1:0] psum_ack,

    output logic                              final_valid,
    output logic [            COUNT_BITS-1:0] final_lanes,
    output logic [MAX_LANES*C*FINAL_BITS-1:0] final_sums,  // [lane][column]
    input  logic                              final_ready
);
  localparam int LEVELS = $clog2(P);
  localparam int TAG_BITS = 2 * COUNT_BITS;

  // Offset of sub-macro p in its lane: p mod group.
  function automatic logic [COUNT_BITS-1:0] offset(input int p, input logic [COUNT_BITS-1:0] group);
    offset = '0;
    for (int i = 0; i < p; i++) offset = offset + 1'b1 == group ? '0 : offset + 1'b1;
  endfunction

  // Stage k is what enters register k: merger input, levels 1..LEVELS, psum_final.
  logic [LEVELS+2:0] valid;
  logic [LEVELS+1:0] load;
  logic [TAG_BITS-1:0] tag[LEVELS+3];

  // The whole pipeline holds while nobody takes psum_final.
  logic moves, advance;
  assign moves = !final_valid || final_ready;
  assign advance = enable && moves;

  // Sub-macro 0 takes part in every pass; what the others show means nothing before it has a psum.
  assign valid[0] = psum_valid[0] && (psum_valid & psum_active) == psum_active;
  assign psum_ack = valid[0] && moves ? psum_active : '0;
  assign tag[0] = {psum_lanes, psum_group};
  assign final_valid = valid[LEVELS+2];
  assign final_lanes = tag[LEVELS+2][COUNT_BITS+:COUNT_BITS];

  for (genvar k = 0; k <= LEVELS + 1; k++) begin : g_stage
    pipeline_stage #(
        .TAG_BITS(TAG_BITS)
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

  for (genvar k = 0; k <= LEVELS; k++) begin : g_level
    localparam int BITS = PSUM_BITS + k < FINAL_BITS ? PSUM_BITS + k : FINAL_BITS;
    localparam int STRIDE = k > 0 ? 1 << (k - 1) : 0;
    for (genvar p = 0; p < P; p = p + (CONCAT ? 1 : 1 << k)) begin : g_sub
      // Whether sub-macro p adds its neighbour at STRIDE: it starts a pair of subtrees, and its lane reaches that far.
      logic add;
      if (k > 0 && p + STRIDE < P) begin : g_add
        logic [COUNT_BITS-1:0] group;
        logic [COUNT_BITS-1:0] position;
        assign group = tag[k][COUNT_BITS-1:0];
        assign position = offset(p, group);
        assign add = (32'(position) & (2 * STRIDE - 1)) == 0 && 32'(position) + STRIDE < 32'(group);
      end else begin : g_keep
        assign add = 1'b0;
      end
      for (genvar c = 0; c < C; c++) begin : g_column
        logic signed [BITS-1:0] own;
        logic signed [BITS-1:0] neighbour;
        logic signed [BITS-1:0] value;
        if (k == 0) begin : g_input
          assign own = BITS'($signed(psum_sums[(p*C+c)*PSUM_BITS+:PSUM_BITS]));
        end else begin : g_own
          assign own = BITS'(g_level[k-1].g_sub[p].g_column[c].value);
        end
        if (k > 0 && p + STRIDE < P) begin : g_neighbour
          assign neighbour = BITS'(g_level[k-1].g_sub[p+STRIDE].g_column[c].value);
        end else begin : g_none
          assign neighbour = '0;
        end
        always_ff @(posedge clock) begin
          if (load[k]) value <= add ? own + neighbour : own;
        end
      end
    end
  end

  for (genvar c = 0; c < C; c++) begin : g_final
    // A lane's sum is at its first sub-macro.
    logic [MAX_LANES*FINAL_BITS-1:0] sums;
    for (genvar l = 0; l < MAX_LANES; l++) begin : g_lane
      logic [FINAL_BITS-1:0] sum;
      logic [FINAL_BITS-1:0] value;
      assign sums[l*FINAL_BITS+:FINAL_BITS] = FINAL_BITS'(g_level[LEVELS].g_sub[l].g_column[c].value);
      if (l == 0) begin : g_first
        assign sum = sums[0+:FINAL_BITS];
      end else begin : g_other
        assign sum = sums[l*tag[LEVELS+1][COUNT_BITS-1:0]*FINAL_BITS+:FINAL_BITS];
      end
      always_ff @(posedge clock) begin
        if (load[LEVELS+1]) value <= sum;
      end
      assign final_sums[(l*C+c)*FINAL_BITS+:FINAL_BITS] = value;
    end
  end
endmodule
