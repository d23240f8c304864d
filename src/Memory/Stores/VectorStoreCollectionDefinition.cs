using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Stores;

/// <summary>The shape of the records of a collection.</summary>
public sealed record VectorStoreCollectionDefinition
{
    private const int MostCharacters = 48;
    private const int MostDimensions = 65_536;

    /// <summary>A shape.</summary>
    /// <param name="name">Small letters, digits and '_', a letter first, at most 48.</param>
    /// <param name="dimensions">Length of the vectors; 0: records have none.</param>
    /// <param name="fields">Fields beside key, text and vector.</param>
    /// <exception cref="UserInputException">A name is none, or there twice; or the number of dimensions is not possible.</exception>
    public VectorStoreCollectionDefinition(string name, int dimensions, params IReadOnlyList<VectorStoreField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        if (dimensions is < 0 or > MostDimensions)
            throw new UserInputException("dimensions", $"The collection {name} has {dimensions} dimensions; 0 to {MostDimensions} is allowed.");
        Name = CheckedName("collection", name);
        Dimensions = dimensions;
        Fields = [.. fields.OrderBy(field => CheckedName("field", field.Name), StringComparer.Ordinal)];
        if (Fields.DistinctBy(field => field.Name).Count() < Fields.Count)
            throw new UserInputException("fields", $"A field of the collection {name} is there twice.");
    }

    /// <summary>The name of the collection.</summary>
    public string Name { get; }

    /// <summary>Length of the vectors; 0: records have none.</summary>
    public int Dimensions { get; }

    /// <summary>The fields, by name.</summary>
    public IReadOnlyList<VectorStoreField> Fields { get; }

    /// <summary>What is stored with a collection, to notice that it is opened with another shape.</summary>
    internal string Shape => $"{Dimensions}; {string.Join(", ", Fields.Select(one => $"{one.Name} {one.Type}{(one.IsIndexed ? "" : " unindexed")}"))}";

    /// <exception cref="UserInputException">The stored shape is another one.</exception>
    internal void CheckShape(string stored)
    {
        if (stored != Shape)
        {
            throw new UserInputException(
                Name, $"The collection {Name} was made with the shape ({stored}) and is opened with ({Shape}). Use another name, or delete it first.");
        }
    }

    private static string CheckedName(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool isName = name.Length is > 0 and <= MostCharacters && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return isName ? name : throw new UserInputException(
            what, $"The name of a {what} is '{name}'; small letters, digits and '_' are allowed, a letter first, at most {MostCharacters}.");
    }
}
