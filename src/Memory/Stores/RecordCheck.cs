using System.Collections;
using System.Globalization;
using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores;

/// <summary>Holds what goes into a collection to its definition, so that all stores take and refuse the same.</summary>
internal static class RecordCheck
{
    private const int MostKeyCharacters = 1024;
    private const int MostKeywordBytes = 2000;

    /// <summary>The record as it is stored: numbers as <see cref="double"/>, several texts as an array, a vector of length 1.</summary>
    public static VectorStoreRecord Normalized(VectorStoreCollectionDefinition definition, VectorStoreRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Key(record.Key);
        Text("Text", record.Key, record.Text);
        var data = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach ((string name, object value) in record.Data)
        {
            VectorStoreField field = definition.Fields.FirstOrDefault(field => field.Name == name)
                ?? throw new UserInputException(name, $"The record {record.Key} has a field '{name}', which the collection {definition.Name} does not have.");
            data.Add(name, Value(field, record.Key, value));
        }

        return record with { Data = data, Vector = Vector(definition, record.Key, record.Vector) };
    }

    public static string Key(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > MostKeyCharacters)
            throw new UserInputException("Key", $"A key has {key.Length} characters; 1 to {MostKeyCharacters} are allowed.");
        Text("Key", key, key);
        return key;
    }

    /// <summary>A vector of length 1, so that a cosine is a dot product. One of length 0 stays: it is near to nothing.</summary>
    public static float[] Vector(VectorStoreCollectionDefinition definition, string of, ReadOnlyMemory<float> vector)
    {
        if (vector.Length != definition.Dimensions)
        {
            throw new UserInputException(
                "Vector", $"The vector of {of} has {vector.Length} dimensions; the collection {definition.Name} has {definition.Dimensions}.");
        }

        float[] normalized = vector.ToArray();
        if (normalized.Length == 0) return normalized;
        float length = TensorPrimitives.Norm(normalized);
        if (!float.IsFinite(length)) throw new UserInputException("Vector", $"The vector of {of} has numbers that are not finite.");
        if (length > 0) TensorPrimitives.Divide(normalized, length, normalized);
        return normalized;
    }

    public static void Filter(VectorStoreCollectionDefinition definition, MetadataFilter? filter)
    {
        switch (filter)
        {
            case MetadataFilter.Any any:
                Field(definition, any.Field, isNumber: false);
                foreach (string value in any.Values) Text("Filter", any.Field, value);
                break;
            case MetadataFilter.Prefix prefix:
                Field(definition, prefix.Field, isNumber: false);
                Text("Filter", prefix.Field, prefix.Value);
                break;
            case MetadataFilter.Range range:
                Field(definition, range.Field, isNumber: true);
                break;
            case MetadataFilter.And and:
                foreach (MetadataFilter part in and.Filters) Filter(definition, part);
                break;
            case MetadataFilter.Or or:
                foreach (MetadataFilter part in or.Filters) Filter(definition, part);
                break;
            case MetadataFilter.Not not:
                Filter(definition, not.Filter);
                break;
        }
    }

    private static void Field(VectorStoreCollectionDefinition definition, string name, bool isNumber)
    {
        VectorStoreField? field = definition.Fields.FirstOrDefault(field => field.Name == name && field.IsIndexed);
        if (field is null || field.Type is VectorStoreFieldType.Number != isNumber)
        {
            string allowed = string.Join(", ", definition.Fields.Where(one => one.IsIndexed).Select(one => $"{one.Name} ({one.Type})"));
            throw new UserInputException("Filter", $"The filter names '{name}'; indexed fields of {definition.Name} that it may name: {allowed}.");
        }
    }

    private static object Value(VectorStoreField field, string key, object value)
    {
        switch (field.Type)
        {
            case VectorStoreFieldType.Keyword when value is string text:
                return Keyword(field, key, text);
            case VectorStoreFieldType.Keywords when value is IEnumerable<string> texts:
                return texts.Select(text => Keyword(field, key, text)).ToArray();
            case VectorStoreFieldType.Number when value is IConvertible number and not string and not bool and not char:
                double converted = number.ToDouble(CultureInfo.InvariantCulture);
                if (double.IsFinite(converted)) return converted;
                break;
        }

        string found = value is IEnumerable and not string ? "a list" : $"'{value}'";
        throw new UserInputException(field.Name, $"The field {field.Name} of the record {key} is {found}; a {field.Type} is expected.");
    }

    private static string Keyword(VectorStoreField field, string key, string text)
    {
        Text(field.Name, key, text);
        int bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        return !field.IsIndexed || bytes <= MostKeywordBytes ? text : throw new UserInputException(
            field.Name, $"The field {field.Name} of the record {key} has {bytes} bytes; {MostKeywordBytes} are allowed in an indexed field.");
    }

    private static void Text(string field, string key, string text)
    {
        ArgumentNullException.ThrowIfNull(text, field);
        for (int i = 0; i < text.Length; i++)
        {
            bool pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (pair) i++;
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
                throw new UserInputException(field, $"{field} of {key} has a character U+{(int)text[i]:X4} at {i}, which is no text.");
        }
    }
}
