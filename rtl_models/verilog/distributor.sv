// The distributor (architecture.md §3): combinational. Per row, each of P first-stage multiplexers picks the window that
// starts at pair `base` of its own set, cyclic within the block; each of P second-stage multiplexers picks one of the
// results (`route`; identity by default, the same number twice broadcasts). A write puts the words of a column on the
// lines: weight on line 0, metadata on line 1.
module distributor #(
    parameter int P = 4,
    parameter int R = 32,
    parameter int I = 4,
    parameter int WINDOW = 1,
    parameter int METADATA_BITS = 3,
    parameter int BASE_BITS = I > 1 ? $clog2(I) : 1,
    parameter int ROUTE_BITS = P > 1 ? $clog2(P) : 1
) (
    input logic [P*R*I*16-1:0] sets,             // [sub-macro][row][pair][2] activations
    input logic [P*R*BASE_BITS-1:0] bases,       // [sub-macro][row]
    input logic [BASE_BITS-1:0] pair_mask,       // pairs of a block - 1
    input logic [P*ROUTE_BITS-1:0] route,        // [sub-macro]

    input logic write,
    input logic [P*R*8-1:0] weights,               // [sub-macro][row]
    input logic [P*R*METADATA_BITS-1:0] metadata,  // [sub-macro][row]

    output logic [P*R*2*WINDOW*8-1:0] lines  // [sub-macro][row][line]
);
  localparam int ROW_BITS = 2 * WINDOW * 8;

  for (genvar r = 0; r < R; r++) begin : g_row
    logic [P*ROW_BITS-1:0] first_stage;
    for (genvar p = 0; p < P; p++) begin : g_first
      logic [I*16-1:0] set;
      logic [BASE_BITS-1:0] base;
      assign set = sets[(p*R+r)*I*16+:I*16];
      assign base = bases[(p*R+r)*BASE_BITS+:BASE_BITS];
      for (genvar j = 0; j < WINDOW; j++) begin : g_pair
        logic [BASE_BITS-1:0] pair;
        assign pair = (base + BASE_BITS'(j)) & pair_mask;
        assign first_stage[p*ROW_BITS+j*16+:16] = set[pair*16+:16];
      end
    end
    for (genvar p = 0; p < P; p++) begin : g_second
      logic [ROUTE_BITS-1:0] from;
      logic [ROW_BITS-1:0] word;
      assign from = route[p*ROUTE_BITS+:ROUTE_BITS];
      assign word = ROW_BITS'({metadata[(p*R+r)*METADATA_BITS+:METADATA_BITS], weights[(p*R+r)*8+:8]});
      assign lines[(p*R+r)*ROW_BITS+:ROW_BITS] = write ? word : first_stage[from*ROW_BITS+:ROW_BITS];
    end
  end
endmodule
