using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;
using AgentKit.Training.Kernels;
using AgentKit.Training.Native;

namespace AgentKit.Training.Engine;

/// <summary>
/// A graph that differentiates itself: each operation emits ggml's forward operations and remembers how to emit those of its
/// vector-Jacobian product. Only what leads to a leaf that was declared differentiable is differentiated.
/// </summary>
internal sealed unsafe class Tape : IDisposable
{
    private const float GeluRate = 0.797884561f, GeluCube = 0.044715f;

    private readonly TensorContextHandle _context;
    private readonly GgmlBackend _backend;
    private readonly nint _graph;
    private readonly HashSet<nint> _differentiable = [];
    private readonly Dictionary<nint, nint> _gradients = [];
    private readonly Dictionary<nint, nint> _transposed = [];
    private readonly Stack<(nint Output, Action<nint> Backward)> _steps = [];
    private int _cut;

    /// <param name="backend">Computes the graph.</param>
    /// <param name="nodes">Most operations, views included.</param>
    /// <param name="asLlama">Whether every sum is to be taken in llama.cpp's order, which is slower, so that the results are its own to the last bit.</param>
    public Tape(GgmlBackend backend, int nodes, bool asLlama = false)
    {
        _backend = backend;
        OwnProducts = backend.Products != ProductPath.Ggml && !asLlama;
        _context = Ggml.Init(new() { MemorySize = ((nuint)nodes * Ggml.TensorOverhead()) + (3 * Ggml.GraphOverhead((nuint)nodes, false)), NoAlloc = 1 });
        if (_context.IsInvalid) throw new NativeRuntimeException("ggml could not create a context for a graph.");
        _graph = Ggml.NewGraph(_context, (nuint)nodes, false);
    }

    /// <summary>Whether products of single precision are not ggml's: they take their operands in any order.</summary>
    public bool OwnProducts { get; }

    /// <summary>Declares a leaf whose gradient is wanted.</summary>
    public nint Leaf(nint tensor)
    {
        _differentiable.Add(tensor);
        return tensor;
    }

    /// <summary>x + y, both of one shape.</summary>
    public nint Add(nint x, nint y)
    {
        nint sum = Ggml.Add(_context, x, y);
        return Record(sum, [x, y], slope =>
        {
            Accumulate(x, () => slope);
            Accumulate(y, () => slope);
        });
    }

    /// <summary>factor · x.</summary>
    public nint Scale(nint x, float factor) =>
        factor == 1 ? x : Record(Ggml.Scale(_context, x, factor), [x], slope => Accumulate(x, () => Ggml.Scale(_context, slope, factor)));

    /// <summary>x + bias, the bias a vector along the fastest dimension.</summary>
    public nint AddBias(nint x, nint bias) => Record(Ggml.Add(_context, x, bias), [x, bias], slope =>
    {
        Accumulate(x, () => slope);
        Accumulate(bias, () => Ggml.RepeatBack(_context, slope, bias));
    });

    /// <summary>weight · x / rms(x) along the fastest dimension (Zhang and Sennrich 2019).</summary>
    public nint RmsNorm(nint x, nint weight, float epsilon)
    {
        nint normed = Ggml.RmsNorm(_context, x, epsilon);
        return Record(Ggml.Multiply(_context, normed, weight), [x, weight], slope =>
        {
            Accumulate(x, () => Ggml.RmsNormBack(_context, Ggml.Multiply(_context, slope, weight), x, epsilon));
            Accumulate(weight, () => Ggml.RepeatBack(_context, Ggml.Multiply(_context, slope, normed), weight));
        });
    }

    /// <summary>W·x with W [in, out], x [in, tokens].</summary>
    public nint MatMul(nint weight, nint x)
    {
        return Record(Product(weight, x), [x, weight], slope =>
        {
            Accumulate(x, () => Product(TransposedConstant(weight), slope));
            Accumulate(weight, () => WeightSlope(x, slope));
        });
    }

    /// <summary>The sum over tokens of x ⊗ slope: the derivative by W of W·x. [in, out]</summary>
    public nint WeightSlope(nint x, nint slope) => Product(Transposed(x), Transposed(slope));

    /// <summary>
    /// a [k, m] times b [k, n]: [m, n]. ggml multiplies what is not in single precision, as llama.cpp does when the model is served, and everything where
    /// there are no products of our own; both then lie in order.
    /// </summary>
    public nint Product(nint a, nint b) => OwnProducts && IsSingle(a)
        ? ProductOperation.Emit(_context, a, b, _backend.Products == ProductPath.OneDnn)
        : Ggml.MatMul(_context, a, b);

    /// <summary>scale · B·(A·x) with trained A [in, rank] and B [rank, out] (Hu et al. 2021, equation 3).</summary>
    public nint LowRank(nint a, nint b, float scale, nint x)
    {
        nint inner = Product(a, x);
        nint y = Ggml.Scale(_context, Product(b, inner), scale);
        return Record(y, [x, a, b], slope =>
        {
            nint innerSlope = Ggml.Scale(_context, Product(Transposed(b), slope), scale);
            Accumulate(x, () => Product(Transposed(a), innerSlope));
            Accumulate(a, () => OuterProduct(x, innerSlope));
            Accumulate(b, () => Ggml.Scale(_context, Ggml.Contiguous(_context, Ggml.Transpose(_context, OuterProduct(slope, inner))), scale));
        });
    }

    /// <summary>Rotary positions (Su et al. 2021) on heads x [head, heads, tokens].</summary>
    public nint Rope(nint x, nint positions, IReadOnlyList<RopeRun> runs, RopeSettings rope)
    {
        nint Rotated(nint heads, bool back) => Joined([.. runs.Select(run => Rotate(heads, positions, run, rope, back))], 2);
        return Record(Rotated(x, back: false), [x], slope => Accumulate(x, () => Rotated(slope, back: true)));
    }

    /// <summary>silu(gate) · up (Shazeer 2020, SwiGLU without its matrices).</summary>
    public nint SwiGlu(nint gate, nint up)
    {
        nint y = Ggml.SwiGlu(_context, gate, up);
        return Record(y, [gate, up], slope =>
        {
            Accumulate(gate, () => Ggml.SiluBack(_context, Ggml.Multiply(_context, slope, up), gate));
            Accumulate(up, () => Ggml.Multiply(_context, slope, Ggml.Silu(_context, gate)));
        });
    }

    /// <summary>gelu(gate) · up, the GELU's approximation with tanh (Hendrycks and Gimpel 2016; Shazeer 2020, GEGLU without its matrices).</summary>
    public nint GeGlu(nint gate, nint up)
    {
        nint y = Ggml.GeGlu(_context, gate, up);
        return Record(y, [gate, up], slope =>
        {
            Accumulate(gate, () => Ggml.Multiply(_context, Ggml.Multiply(_context, slope, up), GeluSlope(gate)));
            Accumulate(up, () => Ggml.Multiply(_context, slope, Ggml.Gelu(_context, gate)));
        });
    }

    /// <summary>cap · tanh(x / cap), x itself where the cap is 0 (Gemma Team 2024, section 2).</summary>
    public nint SoftCap(nint x, float cap)
    {
        if (cap == 0) return x;
        nint bounded = Ggml.Tanh(_context, Ggml.Scale(_context, x, 1 / cap));
        return Record(Ggml.Scale(_context, bounded, cap), [x], slope => Accumulate(x, () => Ggml.Multiply(_context, slope, TanhSlope(bounded))));
    }

    /// <summary>The derivative of tanh where it has these values: 1 − tanh².</summary>
    public nint TanhSlope(nint values) => Ggml.ScaleBias(_context, Ggml.Square(_context, values), -1, 1);

    /// <summary>x [a·b, tokens] as [a, b, tokens].</summary>
    public nint Split(nint x, long size0, long size1, long tokens) =>
        Record(Ggml.Reshape3D(_context, x, size0, size1, tokens), [x], slope => Accumulate(x, () => Ggml.Reshape2D(_context, slope, size0 * size1, tokens)));

    /// <summary>x [length · Σ heads, tokens] as one tensor [length, heads, tokens] for each number of heads.</summary>
    public nint[] SplitApart(nint x, long length, params ReadOnlySpan<long> heads)
    {
        long tokens = SizeOf(x, 1), first = 0;
        var parts = new nint[heads.Length];
        nuint head = (nuint)length * sizeof(float), token = (nuint)((GgmlTensor*)x)->Strides[1];
        for (int i = 0; i < parts.Length; first += heads[i++])
            parts[i] = InOrder(Ggml.View3D(_context, x, length, heads[i], tokens, head, token, head * (nuint)first));
        RecordParts(x, parts);
        return parts;
    }

    /// <summary>x [2·width, tokens] as two tensors [width, tokens].</summary>
    public (nint First, nint Second) Halves(nint x)
    {
        long width = SizeOf(x, 0) / 2, tokens = SizeOf(x, 1);
        nuint row = 2 * (nuint)width * sizeof(float);
        nint Half(nuint offset) => InOrder(Ggml.View3D(_context, x, width, tokens, 1, row, row * (nuint)tokens, offset));
        (nint first, nint second) = (Half(0), Half(row / 2));
        RecordParts(x, [first, second]);
        return (first, second);
    }

    /// <summary>
    /// Attention (Vaswani et al. 2017, equation 1) of q [head, heads, tokens] over k and v [head, kv heads, tokens], within each span of tokens
    /// alone. The result is [head · heads, tokens].
    /// </summary>
    public nint Attention(nint q, nint k, nint v, AttentionShape shape, IReadOnlyList<AttentionSpan> spans)
    {
        SpanAttention[] parts = [.. spans.Select(span => new SpanAttention(this, _context, shape, span, (q, k, v)))];
        nint y = Joined([.. parts.Select(part => part.Output)], 1);
        return Record(y, [q, k, v], slope =>
        {
            (bool, bool, bool) wanted = (_differentiable.Contains(q), _differentiable.Contains(k), _differentiable.Contains(v));
            (nint Q, nint K, nint V)[] slopes = [.. parts.Select(part => part.Backward(slope, wanted))];
            Accumulate(q, () => Joined([.. slopes.Select(part => part.Q)], 2));
            Accumulate(k, () => Joined([.. slopes.Select(part => part.K)], 2));
            Accumulate(v, () => Joined([.. slopes.Select(part => part.V)], 2));
        });
    }

    /// <summary>Some tokens of x [a, b, tokens].</summary>
    public nint Tokens(nint x, long start, long count)
    {
        GgmlTensor* tensor = (GgmlTensor*)x;
        if (start == 0 && count == tensor->Sizes[2]) return x;
        return Ggml.View3D(
            _context, x, tensor->Sizes[0], tensor->Sizes[1], count, (nuint)tensor->Strides[1], (nuint)tensor->Strides[2], (nuint)(start * tensor->Strides[2]));
    }

    /// <summary>Tensors one after another. By halves: one at a time would copy the first again and again.</summary>
    public nint Joined(ReadOnlySpan<nint> parts, int dimension) => parts.Length == 1
        ? parts[0]
        : Ggml.Concat(_context, Joined(parts[..(parts.Length / 2)], dimension), Joined(parts[(parts.Length / 2)..], dimension), dimension);

    /// <summary>How large a tensor is along a dimension.</summary>
    public static long SizeOf(nint tensor, int dimension) => ((GgmlTensor*)tensor)->Sizes[dimension];

    /// <summary>The rows of x [width, tokens] that an index names. [width, rows]</summary>
    public nint Rows(nint x, nint index)
    {
        nint y = Ggml.GetRows(_context, x, index);
        return Record(y, [x], slope => Accumulate(x, () => Ggml.GetRowsBack(_context, slope, index, x)));
    }

    /// <summary>A view as <see cref="Product"/> takes it.</summary>
    public nint InOrder(nint view) => OwnProducts ? view : Ggml.Contiguous(_context, view);

    /// <summary>An operation without a derivative.</summary>
    public nint Plain(Func<TensorContextHandle, nint> emit) => emit(_context);

    /// <summary>Emits the derivatives, given that of the output.</summary>
    public void Backward(nint output, nint slope)
    {
        _gradients[output] = slope;
        while (_steps.TryPop(out (nint Output, Action<nint> Backward) step))
        {
            if (_gradients.TryGetValue(step.Output, out nint gradient)) step.Backward(gradient);
        }
    }

    /// <summary>What <see cref="Backward"/> emitted for a leaf.</summary>
    public nint GradientOf(nint leaf) => _gradients[leaf];

    /// <summary>Has the graph compute a result.</summary>
    public void Emit(nint result) => Ggml.Expand(_graph, result);

    /// <summary>Has the graph write a result over a tensor of a <see cref="TensorSet"/>.</summary>
    public void Store(nint result, nint target) => Ggml.Expand(_graph, Ggml.Copy(_context, result, target));

    /// <summary>Has the graph add a result to a tensor of a <see cref="TensorSet"/>.</summary>
    public void AddTo(nint result, nint target) => Store(Ggml.Add(_context, target, result), target);

    /// <summary>Computes everything that is to be stored.</summary>
    public void Run() => _backend.Compute(_graph);

    /// <summary>Bytes of all that was emitted to be stored so far.</summary>
    public long Bytes()
    {
        long bytes = 0;
        for (int i = 0; i < Ggml.NodeCount(_graph); i++)
        {
            GgmlTensor* node = (GgmlTensor*)Ggml.Node(_graph, i);
            if (node->ViewSource == 0) bytes += (long)Ggml.Bytes((nint)node);
        }

        return bytes;
    }

    /// <summary>What was emitted so far is to run first, by <see cref="RunBegun"/>; what comes after it, by <see cref="RunRest"/>.</summary>
    public void Cut() => _cut = Ggml.NodeCount(_graph);

    /// <summary>Computes what was emitted before the cut, in memory that stays until the rest has run.</summary>
    /// <returns>Whether there was so much memory; nothing was computed where there was not.</returns>
    public bool RunBegun()
    {
        if (!_backend.AllocateKept(_graph)) return false;
        _backend.Run(Part(0, _cut));
        return true;
    }

    /// <summary>Computes what was emitted after the cut.</summary>
    public void RunRest() => _backend.Run(Part(_cut, Ggml.NodeCount(_graph)));

    private nint Part(int begin, int end)
    {
        nint part = Ggml.NewGraph(_context, (nuint)(end - begin), false);
        for (int i = begin; i < end; i++) Ggml.AddNode(part, Ggml.Node(_graph, i));
        return part;
    }

    public void Dispose() => _context.Dispose();

    /// <summary>The transpose of a constant matrix in single precision: half precision would round the gradients that it multiplies.</summary>
    public nint TransposedConstant(nint weight) =>
        Transposed(IsSingle(weight) ? weight : Ggml.Cast(_context, weight, (int)GgmlType.F32));

    /// <summary>The sum over tokens of x ⊗ y, one of them narrow: ggml does that without copies where it multiplies.</summary>
    private nint OuterProduct(nint x, nint y) => OwnProducts ? Product(Transposed(x), Transposed(y)) : Ggml.OuterProduct(_context, x, y);

    /// <summary>A transpose as <see cref="Product"/> takes it. Several matrices multiply the same input, and each needs it this way round.</summary>
    public nint Transposed(nint matrix)
    {
        if (_transposed.TryGetValue(matrix, out nint known)) return known;
        nint view = Ggml.Transpose(_context, matrix);
        return _transposed[matrix] = OwnProducts ? view : Ggml.Contiguous(_context, view);
    }

    private static bool IsSingle(nint tensor) => ((GgmlTensor*)tensor)->Type == (int)GgmlType.F32;

    private nint Rotate(nint heads, nint positions, RopeRun run, RopeSettings rope, bool back)
    {
        nuint size = (nuint)run.Tokens * sizeof(int);
        nint x = Tokens(heads, run.Start, run.Tokens), places = Ggml.View3D(_context, positions, run.Tokens, 1, 1, size, size, (nuint)run.Start * sizeof(int));
        return back
            ? Ggml.RopeBack(
                _context, x, places, run.Factors, rope.Dimensions, rope.Mode, rope.OriginalContext, rope.FrequencyBase, rope.FrequencyScale, 0, rope.Magnitude, 32, 1)
            : Ggml.Rope(
                _context, x, places, run.Factors, rope.Dimensions, rope.Mode, rope.OriginalContext, rope.FrequencyBase, rope.FrequencyScale, 0, rope.Magnitude, 32, 1);
    }

    /// <summary>½ + ½·tanh u + ½·x·(1 − tanh² u)·u′ with u = √(2/π)·(x + 0.044715·x³): the derivative of the GELU that ggml approximates.</summary>
    private nint GeluSlope(nint x)
    {
        nint square = Ggml.Square(_context, x);
        nint tanh = Ggml.Tanh(_context, Ggml.Multiply(_context, x, Ggml.ScaleBias(_context, square, GeluRate * GeluCube, GeluRate)));
        nint inner = Ggml.Multiply(_context, x, Ggml.ScaleBias(_context, square, 3 * GeluRate * GeluCube, GeluRate));
        return Ggml.ScaleBias(_context, Ggml.Add(_context, tanh, Ggml.Multiply(_context, TanhSlope(tanh), inner)), 0.5f, 0.5f);
    }

    /// <summary>Has the derivatives by parts of a tensor's rows, which make up all of them, become that by the tensor.</summary>
    private void RecordParts(nint x, nint[] parts)
    {
        if (!_differentiable.Contains(x)) return;
        foreach (nint part in parts) _differentiable.Add(part);
        long tokens = SizeOf(x, 1);
        _steps.Push((parts[0], _ => Accumulate(x, () => Joined(
            [.. parts.Select(part => Ggml.Reshape2D(_context, _gradients[part], (long)(Ggml.Bytes(_gradients[part]) / sizeof(float)) / tokens, tokens))], 0))));
    }

    private nint Record(nint output, ReadOnlySpan<nint> inputs, Action<nint> backward)
    {
        foreach (nint input in inputs)
        {
            if (!_differentiable.Contains(input)) continue;
            _differentiable.Add(output);
            _steps.Push((output, backward));
            break;
        }

        return output;
    }

    private void Accumulate(nint input, Func<nint> slope)
    {
        if (!_differentiable.Contains(input)) return;
        nint added = slope();
        _gradients[input] = _gradients.TryGetValue(input, out nint before) ? Ggml.Add(_context, before, added) : added;
    }
}
