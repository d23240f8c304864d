using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using AgentKit.Models.Native;

namespace AgentKit.Models.Quantization;

/// <summary>
/// What llama.cpp tells while it computes: at each product of a weight matrix with activations, the squares of the activations are added up. Called
/// by the scheduler on the thread that decodes; nothing may be thrown through it, so faults are kept until decoding has returned.
/// </summary>
internal sealed unsafe class NodeReader(Func<string, bool> wanted) : IDisposable
{
    private const int F32 = 0, MatMul = 29, MatMulById = 30;

    private readonly Dictionary<string, nint> _weights = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private byte[] _activations = [], _ids = [];
    private GCHandle _self;

    public ActivationSums Sums { get; } = new();

    /// <summary>The matrices in the order they were computed with.</summary>
    public IReadOnlyList<string> Order => _order;

    /// <summary>The last matrix of interest: what comes after it need not be computed. Null: all is.</summary>
    public string? StopAfter { get; set; }

    /// <summary>Gives up in the middle of a chunk.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>What went wrong in a callback; thrown by whoever decodes.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>The numbers of the operations are those this was written for.</summary>
    /// <exception cref="NativeRuntimeException">They are not.</exception>
    public static void CheckOperations()
    {
        foreach ((int number, string name) in ((int, string)[])[(MatMul, "MUL_MAT"), (MatMulById, "MUL_MAT_ID")])
        {
            string? found = Marshal.PtrToStringUTF8((nint)GgmlApi.OperationName(number));
            if (found != name) throw new NativeRuntimeException($"ggml's operation {number} is {found}; {name} of llama.cpp {AbiCheck.ExpectedVersion} is expected.");
        }
    }

    /// <summary>Makes a context call this object; it must outlive the context.</summary>
    public void Attach(ref LlamaContextParams parameters)
    {
        if (!_self.IsAllocated) _self = GCHandle.Alloc(this);
        delegate* unmanaged[Cdecl]<GgmlTensor*, byte, void*, byte> callback = &OnNode;
        parameters.EvalCallback = (nint)callback;
        parameters.EvalUserData = (void*)GCHandle.ToIntPtr(_self);
    }

    /// <summary>The weights themselves in the model's memory; null when llama.cpp computes with a copy.</summary>
    public GgmlTensor* Weight(string tensor) => (GgmlTensor*)_weights.GetValueOrDefault(tensor);

    public void Dispose()
    {
        if (_self.IsAllocated) _self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnNode(GgmlTensor* node, byte ask, void* userData)
    {
        var reader = (NodeReader)GCHandle.FromIntPtr((nint)userData).Target!;
        try
        {
            return reader.Answer(node, ask != 0) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            reader.Fault ??= e;
            return 0;
        }
    }

    /// <summary>Asked first whether a node is of interest; told when it has been computed, and then whether to go on.</summary>
    private bool Answer(GgmlTensor* node, bool ask)
    {
        if (node->Operation is not (MatMul or MatMulById)) return !ask;
        string tensor = NameOf(node->Source0, out bool copied);
        if (ask) return node->Source1->Type == F32 && wanted(tensor);
        if (Stop.IsCancellationRequested || Fault is not null) return false;
        if (!_weights.ContainsKey(tensor)) _order.Add(tensor);
        _weights[tensor] = copied || node->Source0->ViewSource != 0 ? 0 : (nint)node->Source0;
        if (node->Operation == MatMul) AddDense(node, tensor);
        else AddExperts(node, tensor);
        return tensor != StopAfter;
    }

    private void AddDense(GgmlTensor* node, string tensor)
    {
        GgmlTensor* weights = node->Source0;
        GgmlTensor* input = node->Source1;
        (long columns, long rows) = (input->Sizes[0], input->Sizes[1]);
        long matrices = weights->Sizes[2] * weights->Sizes[3];
        ActivationSums.Sums sums = Sums.For(tensor, columns * matrices, 1);
        Fetch(input, ref _activations);
        for (long outer = 0; outer < input->Sizes[3]; outer++)
        {
            for (long inner = 0; inner < input->Sizes[2]; inner++)
            {
                // A matrix serves several groups of rows, as heads that share keys do.
                long matrix = (outer % weights->Sizes[3] * weights->Sizes[2]) + (inner % weights->Sizes[2]);
                Span<double> squares = sums.Squares.AsSpan((int)(matrix * columns), (int)columns);
                for (long row = 0; row < rows; row++) AddRow(input, tensor, (row, inner, outer), squares);
            }
        }

        sums.Counts[0] += rows * input->Sizes[2] * input->Sizes[3] / matrices;
    }

    private void AddExperts(GgmlTensor* node, string tensor)
    {
        GgmlTensor* input = node->Source1;
        GgmlTensor* ids = node->Source2;
        (long columns, long experts) = (input->Sizes[0], node->Source0->Sizes[2]);
        if (input->Sizes[3] != 1 || ids->Sizes[1] != input->Sizes[2])
            throw new NativeRuntimeException($"{tensor}: activations of {input->Sizes[2]} x {input->Sizes[3]} tokens for {ids->Sizes[1]} choices of experts.");
        ActivationSums.Sums sums = Sums.For(tensor, columns * experts, experts);
        Fetch(input, ref _activations);
        Fetch(ids, ref _ids);
        for (long token = 0; token < input->Sizes[2]; token++)
        {
            for (long choice = 0; choice < ids->Sizes[0]; choice++)
            {
                int expert = BitConverter.ToInt32(_ids, (int)((token * ids->Strides[1]) + (choice * ids->Strides[0])));
                if (expert < 0 || expert >= experts) throw new NativeRuntimeException($"{tensor}: expert {expert} of {experts} was chosen.");
                AddRow(input, tensor, (choice % input->Sizes[1], token, 0), sums.Squares.AsSpan((int)(expert * columns), (int)columns));
                sums.Counts[expert]++;
            }
        }
    }

    private void AddRow(GgmlTensor* input, string tensor, (long Row, long Inner, long Outer) at, Span<double> squares)
    {
        long start = (at.Row * input->Strides[1]) + (at.Inner * input->Strides[2]) + (at.Outer * input->Strides[3]);
        if (!ActivationSums.Add(MemoryMarshal.Cast<byte, float>(_activations.AsSpan((int)start, squares.Length * sizeof(float))), squares))
            throw new NativeRuntimeException($"The model computes numbers that are not finite: an input of {tensor}.");
    }

    /// <summary>Copies a tensor's bytes from wherever they lie.</summary>
    private static void Fetch(GgmlTensor* tensor, ref byte[] buffer)
    {
        int bytes = checked((int)GgmlApi.TensorBytes(tensor));
        if (buffer.Length < bytes) buffer = GC.AllocateUninitializedArray<byte>(bytes);
        fixed (byte* target = buffer) GgmlApi.TensorGet(tensor, target, 0, (nuint)bytes);
    }

    /// <summary>The weight's name; the scheduler calls a copy on another device <c>DEVICE#name#number</c>.</summary>
    private static string NameOf(GgmlTensor* weights, out bool copied)
    {
        string name = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(weights->Name));
        int first = name.IndexOf('#', StringComparison.Ordinal);
        copied = first >= 0;
        if (!copied) return name;
        int second = name.IndexOf('#', first + 1);
        return second < 0 ? name[(first + 1)..] : name[(first + 1)..second];
    }
}
