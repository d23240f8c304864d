using System.Runtime.InteropServices;
using AgentKit.Models;
using AgentKit.Training.Native;

namespace AgentKit.Training.Kernels;

/// <summary>A product of two matrices in bfloat16, its sums in single precision, as oneDNN planned it for this processor. Threads may compute it at the same time.</summary>
internal sealed unsafe class DnnlProduct : IDisposable
{
    private static readonly Lazy<(nint Engine, nint Attributes)> Shared = new(CreateShared);

    private readonly List<nint> _structures = [], _descriptions = [];
    private readonly nint _source, _weights, _target, _plan, _primitive, _scratchpad;

    /// <exception cref="NativeRuntimeException">oneDNN cannot compute it.</exception>
    public DnnlProduct(ProductShape shape)
    {
        _source = Describe(shape.N, shape.K, Dnnl.BFloat16, shape.RowsInOrder ? (shape.K, 1) : (1, shape.N));
        _weights = Describe(shape.K, shape.M, Dnnl.BFloat16, shape.LanesInOrder ? (1, shape.K) : (shape.M, 1));
        _target = Describe(shape.N, shape.M, Dnnl.Single, (shape.Stride, 1));
        (nint engine, nint attributes) = Shared.Value;
        if (Dnnl.Version is { Major: 2 })
        {
            nint description = NewStructure();
            Check(Dnnl.DescribeProduct(description, _source, _weights, 0, _target));
            Check(Dnnl.PlanCreate(out _plan, description, attributes, engine, 0));
        }
        else
        {
            Check(Dnnl.ProductPlanCreate(out _plan, engine, _source, _weights, 0, _target, attributes));
        }

        Check(Dnnl.PrimitiveCreate(out _primitive, _plan));
        _scratchpad = Dnnl.MemoryOf(_plan, Dnnl.ScratchpadQuery, 0);
        ScratchBytes = _scratchpad == 0 ? 0 : (long)Dnnl.Bytes(_scratchpad);
    }

    /// <summary>Bytes that a computation needs beside its operands.</summary>
    public long ScratchBytes { get; }

    /// <summary>Computes on the calling thread alone.</summary>
    /// <returns>oneDNN's status; 0 for success.</returns>
    public int Compute(ushort* lanes, ushort* rows, float* target, byte* scratch)
    {
        Dnnl.StayOnThread();
        nint engine = Shared.Value.Engine;
        int count = ScratchBytes > 0 ? 4 : 3;
        DnnlArgument* arguments = stackalloc DnnlArgument[4];
        int status = Dnnl.MemoryCreate(out nint source, _source, engine, rows);
        status |= Dnnl.MemoryCreate(out nint weights, _weights, engine, lanes);
        status |= Dnnl.MemoryCreate(out nint result, _target, engine, target);
        nint room = 0;
        if (count == 4) status |= Dnnl.MemoryCreate(out room, _scratchpad, engine, scratch);
        arguments[0] = new(DnnlArgument.Source, source);
        arguments[1] = new(DnnlArgument.Weights, weights);
        arguments[2] = new(DnnlArgument.Target, result);
        arguments[3] = new(DnnlArgument.Scratchpad, room);
        status |= Dnnl.StreamCreate(out nint stream, engine, Dnnl.InOrder);
        if (status == 0) status = Dnnl.Execute(_primitive, stream, count, arguments);
        if (stream != 0) _ = Dnnl.StreamDestroy(stream);
        for (int i = 0; i < count; i++)
        {
            if (arguments[i].Memory != 0) _ = Dnnl.MemoryDestroy(arguments[i].Memory);
        }

        return status;
    }

    public void Dispose()
    {
        _ = Dnnl.PrimitiveDestroy(_primitive);
        _ = Dnnl.PlanDestroy(_plan);
        foreach (nint structure in _structures) NativeMemory.Free((void*)structure);
        foreach (nint description in _descriptions) _ = Dnnl.DescriptionDestroy(description);
    }

    private static (nint Engine, nint Attributes) CreateShared()
    {
        Check(Dnnl.EngineCreate(out nint engine, Dnnl.Cpu, 0));
        Check(Dnnl.AttributesCreate(out nint attributes));

        // Scratch memory of oneDNN's own would belong to the thread that made a product, and ggml's threads come and go.
        Check(Dnnl.SetScratchpadMode(attributes, Dnnl.UserScratchpad));
        return (engine, attributes);
    }

    private nint Describe(long rows, long columns, int type, (long Row, long Column) steps)
    {
        long* sizes = stackalloc long[] { rows, columns }, strides = stackalloc long[] { steps.Row, steps.Column };
        if (Dnnl.Version is { Major: 2 })
        {
            nint structure = NewStructure();
            Check(Dnnl.DescribeMemory(structure, 2, sizes, type, strides));
            return structure;
        }

        Check(Dnnl.CreateDescription(out nint description, 2, sizes, type, strides));
        _descriptions.Add(description);
        return description;
    }

    private nint NewStructure()
    {
        var structure = (nint)NativeMemory.AllocZeroed(Dnnl.DescriptionBytes);
        _structures.Add(structure);
        return structure;
    }

    private static void Check(int status)
    {
        if (status != 0) throw new NativeRuntimeException($"oneDNN {Dnnl.Version} cannot compute a product in bfloat16 (status {status}).");
    }
}
