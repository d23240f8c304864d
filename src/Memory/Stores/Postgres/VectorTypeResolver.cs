using Npgsql.Internal;
using Npgsql.Internal.Postgres;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>Tells Npgsql who reads and writes the type <c>vector</c>.</summary>
internal sealed class VectorTypeResolver : PgTypeInfoResolverFactory, IPgTypeInfoResolver
{
    private readonly TypeInfoMappingCollection _mappings = new();

    public VectorTypeResolver() => _mappings.AddStructType<ReadOnlyMemory<float>>(
        "vector", static (options, mapping, _) => mapping.CreateInfo(options, new VectorConverter()), MatchRequirement.DataTypeName);

    public override IPgTypeInfoResolver CreateResolver() => this;

    public override IPgTypeInfoResolver? CreateArrayResolver() => null;

    public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options) => _mappings.Find(type, dataTypeName, options);
}
